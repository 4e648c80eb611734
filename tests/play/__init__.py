"""The play: the real client in a terminal, keys pressed at known times, and what Hookline then shows beside the truth.

    python -m play [SCENE ...]     from the folder tests/, as root: the whole of it runs in a network that holds only a loopback

A scene is a function that acts and says what is true (`scenes/`). Each runs once and is judged twice: the hooks of one client feed
two relays, one before a collector that gets nothing else (H), one before a collector that also gets the client's own telemetry (N).

    stage.py      the two collectors, and a desk for each scene: home, project, relays, client
    terminal.py   the client's screen and keys, in tmux
    model.py      the scripted model
    pulse.py      how late the machine is
    truth.py      what is true and how what is shown is compared with it
    table.py      the table that is printed
"""
