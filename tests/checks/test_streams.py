"""Two changes that came at the same time may bring migrations under one number: neither git nor a type sees it."""

import pytest

from migrations.streams import Stream, streams


@pytest.mark.parametrize("stream", streams(), ids=lambda stream: stream.name)
def test_the_revisions_of_a_stream_follow_each_other_one_file_each(stream: Stream):
    revisions = [each.revision for each in stream.script.walk_revisions()][::-1]
    files = sorted(path.name for path in stream.folder.glob("v*.py"))
    assert [f"v{revision}" for revision in revisions] == [name.partition("_")[0] for name in files]
