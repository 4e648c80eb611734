"""Where an agent works, read from repositories that real git made."""

import os
import subprocess
from pathlib import Path

import pytest

from hookline.agent_event import NOWHERE
from hookline.workspace.project import PlaceCache, find_place, parse_remote
from support.cases import with_each

ENV = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
ENV |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "LC_ALL": "C"}


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "protocol.file.allow=always", "-C", str(folder), *words]
    return subprocess.run(command, env=ENV, check=True, capture_output=True, text=True).stdout.strip()


def make_repository(folder: Path, url: str = "") -> str:
    """Make a repository with one commit; return its revision."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "pay.py").write_text("retries = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    if url:
        git(folder, "remote", "add", "origin", url)
    return git(folder, "rev-parse", "HEAD")


def test_a_repository_gives_name_remote_branch_and_revision(tmp_path: Path) -> None:
    """As git itself says, from a folder below the root."""
    revision = make_repository(tmp_path / "shop-checkout", "git@github.com:acme/shop.git")
    (tmp_path / "shop-checkout" / "src").mkdir()
    place = find_place(str(tmp_path / "shop-checkout" / "src"))
    assert (place.project, place.repository, place.owner, place.provider) == ("shop", "shop", "acme", "github")
    assert (place.url, place.branch, place.revision) == ("https://github.com/acme/shop", "main", revision)
    assert (place.root, place.worktree) == (str(tmp_path / "shop-checkout"), "")


def test_one_remote_is_one_project_on_every_machine(tmp_path: Path) -> None:
    """The id does not know the folder, the protocol or the credentials."""
    make_repository(tmp_path / "one", "git@github.com:acme/shop.git")
    make_repository(tmp_path / "two", "https://ana:hunter2@github.com/acme/Shop")
    one, two = find_place(str(tmp_path / "one")), find_place(str(tmp_path / "two"))
    assert one.project_id == two.project_id
    make_repository(tmp_path / "three", "git@github.com:acme/other.git")
    assert find_place(str(tmp_path / "three")).project_id != one.project_id


def test_a_worktree_is_the_same_project_with_its_own_branch(tmp_path: Path) -> None:
    """With a remote and without."""
    for name, url in (("with", "git@github.com:acme/shop.git"), ("without", "")):
        main = tmp_path / name / "shop"
        make_repository(main, url)
        tree = tmp_path / name / "trees" / "feature-retry"
        git(main, "worktree", "add", "-q", "-b", "retry", str(tree))
        (tree / "x").write_text("x")
        git(tree, "add", ".")
        git(tree, "commit", "-q", "-m", "More")
        place = find_place(str(tree))
        assert (place.project, place.project_id) == ("shop", find_place(str(main)).project_id)
        assert (place.worktree, place.branch, place.revision) == ("feature-retry", "retry", git(tree, "rev-parse", "HEAD"))
        assert find_place(str(main)).branch == "main"


def test_a_submodule_is_a_project_of_its_own(tmp_path: Path) -> None:
    """Its `.git` is a file that points into the outer repository."""
    make_repository(tmp_path / "lib")
    make_repository(tmp_path / "shop", "git@github.com:acme/shop.git")
    git(tmp_path / "shop", "submodule", "add", "-q", str(tmp_path / "lib"), "vendor/lib")
    place = find_place(str(tmp_path / "shop" / "vendor" / "lib"))
    assert (place.project, place.worktree, place.branch) == ("lib", "", "main")
    assert place.project_id != find_place(str(tmp_path / "shop")).project_id


def test_packed_refs_and_a_detached_head_are_read(tmp_path: Path) -> None:
    """After `git gc` no loose ref is left; a checked out revision has no branch."""
    revision = make_repository(tmp_path / "shop")
    git(tmp_path / "shop", "pack-refs", "--all")
    assert not (tmp_path / "shop" / ".git" / "refs" / "heads" / "main").exists()
    assert find_place(str(tmp_path / "shop")).revision == revision
    git(tmp_path / "shop", "checkout", "-q", "--detach")
    place = find_place(str(tmp_path / "shop"))
    assert (place.branch, place.revision) == ("", revision)


def test_a_repository_without_a_commit_has_a_branch_and_no_revision(tmp_path: Path) -> None:
    """Right after `git init`."""
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q", "-b", "trunk")
    place = find_place(str(tmp_path / "new"))
    assert (place.project, place.branch, place.revision) == ("new", "trunk", "")


def test_a_bare_repository_has_a_name(tmp_path: Path) -> None:
    """Without a work tree."""
    make_repository(tmp_path / "shop")
    git(tmp_path, "clone", "-q", "--bare", str(tmp_path / "shop"), str(tmp_path / "bare.git"))
    place = find_place(str(tmp_path / "bare.git"))
    assert (place.project, place.branch) == ("bare", "main")


def test_a_folder_that_is_no_repository_has_a_name(tmp_path: Path) -> None:
    """Its own; the home folder is `~`; a deleted one keeps its name."""
    plain = tmp_path / "notes"
    plain.mkdir()
    assert (find_place(str(plain)).project, find_place(str(plain)).repository) == ("notes", "")
    assert find_place(str(plain), home=str(plain)).project == "~"
    plain.rmdir()
    assert find_place(str(plain)).project == "notes"
    assert find_place("/").project == "/"


@pytest.mark.parametrize("cwd", ["", "a\0b"])
def test_no_folder_is_nowhere(cwd: str) -> None:
    """Nothing is known, nothing is raised."""
    assert find_place(cwd) == NOWHERE


@pytest.mark.parametrize("cwd", ["x" * 10_000, "/nowhere/" + "y/" * 500, "relative", "/tmp/\udcff"])
def test_a_strange_folder_raises_nothing(cwd: str) -> None:
    """Too long, too deep, not absolute, not encodable."""
    assert find_place(cwd).project


def test_an_unreadable_or_broken_repository_still_has_a_name(tmp_path: Path) -> None:
    """Every file of it replaced by nonsense."""
    make_repository(tmp_path / "shop", "git@github.com:acme/shop.git")
    dot_git = tmp_path / "shop" / ".git"
    (dot_git / "config").write_bytes(b"\xff\xfe[remote\n url")
    for content in (b"ref: ../../../etc/passwd\n", b"", b"\0" * 99):
        (dot_git / "HEAD").write_bytes(content)
        place = find_place(str(tmp_path / "shop"))
        assert (place.project, place.branch, place.revision) == ("shop", "", "")
    (tmp_path / "lost").mkdir()
    (tmp_path / "lost" / ".git").write_text("gitdir: /nowhere/at/all\n")
    assert find_place(str(tmp_path / "lost")).project == "lost"


def test_a_huge_file_is_read_in_part(tmp_path: Path) -> None:
    """A config of hundreds of megabytes costs no more than its limit."""
    make_repository(tmp_path / "shop")
    with (tmp_path / "shop" / ".git" / "config").open("ab") as config:
        config.truncate(300 * 1024 * 1024)
    assert find_place(str(tmp_path / "shop")).project == "shop"


@with_each(
    "remote, url, owner, name, provider",
    [
        ("https://github.com/acme/shop.git", "https://github.com/acme/shop", "acme", "shop", "github"),
        ("https://ana:hunter2@github.com/acme/shop.git", "https://github.com/acme/shop", "acme", "shop", "github"),
        ("https://ghp_0123456789abcdef@github.com/acme/shop", "https://github.com/acme/shop", "acme", "shop", "github"),
        (
            "https://oauth2:glpat-abc@gitlab.example.com/group/sub/shop.git",
            "https://gitlab.example.com/group/sub/shop",
            "group/sub",
            "shop",
            "gitlab",
        ),
        ("https://ana:p/ss@w@rd@git.example.com/acme/shop", "https://git.example.com/acme/shop", "acme", "shop", ""),
        ("https://git.example.com:8443/acme/shop.git", "https://git.example.com:8443/acme/shop", "acme", "shop", ""),
        ("https://git.example.com/acme/shop.git?private_token=abc#x", "https://git.example.com/acme/shop", "acme", "shop", ""),
        ("git@github.com:acme/shop.git", "https://github.com/acme/shop", "acme", "shop", "github"),
        ("github.com:acme/shop", "https://github.com/acme/shop", "acme", "shop", "github"),
        ("ana:secret@git.example.com:acme/shop.git", "https://git.example.com/acme/shop", "acme", "shop", ""),
        ("ssh://git@git.example.com:2222/acme/shop.git", "https://git.example.com/acme/shop", "acme", "shop", ""),
        ("git://git.example.com/shop.git", "https://git.example.com/shop", "", "shop", ""),
        ("git@bitbucket.org:acme/shop.git", "https://bitbucket.org/acme/shop", "acme", "shop", "bitbucket"),
        ("git@codeberg.org:acme/shop.git", "https://codeberg.org/acme/shop", "acme", "shop", "gitea"),
    ],
)
def test_a_remote_loses_its_credentials(remote: str, url: str, owner: str, name: str, provider: str) -> None:
    """User, password, token, query and fragment; every way to write a remote."""
    found = parse_remote(remote)
    assert found is not None
    assert (found.url, found.owner, found.name, found.provider) == (url, owner, name, provider)


@with_each(
    "remote",
    [
        "ext::https://ana:hunter2@git.example.com/acme/shop",
        "foo::bar::https://ana:hunter2@git.example.com/acme/shop",
        "https:/ana:hunter2@git.example.com/acme/shop",
        "https:\\\\ana:hunter2@git.example.com\\acme\\shop",
        "ana:hun/ter2hunter2@git.example.com:acme/shop",
        "https://ana:hunter2%40git.example.com/acme/shop",
        "https://git.example.com/ana:hunter2@other.example.com/shop",
        "https://git.example.com/acme/shop;token=hunter2",
        "https://git.example.com/acme/shop&token=hunter2",
        "https://git.example.com/ana%3Ahunter2%40x/shop",
        "codecommit::us-east-1://hunter2:hunter2@shop",
        "https://ana hunter2@git.example.com/acme/shop",
        "ana:hunter2@git.example.com",
        "ssh://ana:hunter2@git.example.com:x/acme/shop",
        " https://ana:hunter2@git.example.com/acme/shop",
    ],
)
def test_an_odd_remote_leaks_no_credentials(remote: str) -> None:
    """Where nobody can tell where they end it counts as none."""
    assert "hunter2" not in repr(parse_remote(remote))


@pytest.mark.parametrize("remote", ["", "/srv/git/shop.git", "../shop", "file:///srv/git/shop", "https://", "https://host", "nonsense"])
def test_a_local_path_is_no_remote(remote: str) -> None:
    """It would name this machine's folders."""
    assert parse_remote(remote) is None


def test_places_are_remembered_for_a_short_while(tmp_path: Path) -> None:
    """A burst of events reads the disk once; a new branch is seen soon."""
    make_repository(tmp_path / "shop")
    now = [100.0]
    places = PlaceCache(lambda: now[0], lifetime_s=2.0)
    assert places(str(tmp_path / "shop")).branch == "main"
    git(tmp_path / "shop", "checkout", "-q", "-b", "retry")
    now[0] += 1.9
    assert places(str(tmp_path / "shop")).branch == "main"
    now[0] += 0.2
    assert places(str(tmp_path / "shop")).branch == "retry"


def test_the_memory_of_places_is_bounded() -> None:
    """However many folders are visited."""
    places = PlaceCache(lambda: 0.0)
    for n in range(2_500):
        places(f"/nowhere/{n}")
    assert len(places._known) <= 1_000
