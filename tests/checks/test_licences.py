from email.message import Message
from pathlib import Path

import pytest

from checks import licences
from checks.files import REPOSITORY

MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Installs a package of these metadata and files, and locks it; answers the folder of the lock."""

    def install(fields: str, **texts: str) -> Path:
        info = tmp_path / "site/planted-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: planted\nVersion: 1.0\n{fields}\n")
        for name, text in texts.items():
            (info / name).write_text(text)
        (info / "RECORD").write_text("".join(f"planted-1.0.dist-info/{name},,\n" for name in ("METADATA", *texts)))
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        (tmp_path / "requirements.product.lock").write_text("planted==1.0 \\\n    --hash=sha256:00\n")
        return tmp_path

    return install


def test_every_package_of_the_product_has_a_licence_that_is_allowed():
    assert licences.problems(REPOSITORY) == []


@pytest.mark.parametrize("fields", ["License-Expression: AGPL-3.0-only", "License: Proprietary", ""])
def test_a_package_of_another_licence_or_of_none_is_found(installed, fields):
    assert len(licences.problems(installed(fields))) == 1


def test_a_bundled_licence_file_counts_whatever_the_metadata_say(installed):
    root = installed("License-Expression: MIT", LICENSE=MIT, LICENSE_VENDORED="GNU AFFERO GENERAL PUBLIC LICENSE")
    assert licences.problems(root) == [
        "planted: planted-1.0.dist-info/LICENSE_VENDORED is AGPL-3.0, which checks/licences.py does not allow"
    ]


def test_a_font_that_no_licence_beside_it_names_is_found(installed):
    root = installed("License-Expression: MIT")
    (root / "OFL.txt").write_text("Kept.ttf is under the SIL OPEN FONT LICENSE")
    (root / "Kept.ttf").touch()
    (root / "Bought.ttf").touch()
    assert licences.problems(root) == ["Bought.ttf: no OFL.txt beside it says that we may ship it"]


def test_a_bundled_licence_file_whose_words_nobody_has_read_is_found(installed):
    root = installed("License-Expression: MIT", LICENSE="You may use this on Sundays.")
    [problem] = licences.problems(root)
    assert problem.startswith("planted: planted-1.0.dist-info/LICENSE has words")


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MPL-2.0 AND (Apache-2.0 OR MIT)"}, {"MPL-2.0", "Apache-2.0"}),
        ({"License-Expression": "GPL-2.0-only OR MIT"}, {"MIT"}),
        ({"License": "SIL OFL V1.1"}, {"OFL-1.1"}),
        ({"License": f"The MIT License\n\n{MIT}"}, {"MIT"}),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, {"BSD-3-Clause"}),
    ],
)
def test_a_licence_is_read_from_whatever_the_package_states(fields, licence):
    message = Message()
    for name, value in fields.items():
        message[name] = value
    assert licences.stated_licences(message) == licence  # type: ignore[arg-type]
