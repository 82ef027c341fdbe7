"""What is a target and what is not."""

from edgekit.benchmarks import HostTarget, Target


def test_the_three_members_make_a_target():
    class Board:
        name = "board"
        provenance = None

        def prepare(self, bundle, inputs, options):
            raise NotImplementedError

    assert isinstance(Board(), Target)
    assert isinstance(HostTarget(), Target)
    assert not isinstance(object(), Target)


def test_every_member_of_the_protocols_is_explained():
    session = HostTarget.prepare.__annotations__["return"]
    for protocol in (Target, session):
        members = [name for name in vars(protocol) if not name.startswith("_")]
        assert members
        for name in members:
            assert getattr(protocol, name).__doc__, name
