FROM worked_turns FINAL
{{of_range}}
