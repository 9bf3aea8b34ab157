"""What a file's name says, in the words of the systems and languages that give it."""

from __future__ import annotations

import unicodedata

import pytest

from graders.recognition.names import name_of

CALLED = """
mymodel.h5|MyModel.H5|MYMODEL.KERAS|mymodel.h5 |mymodel .h5|mymodel.h5.|mymodel.keras|mymodel.hdf5|mymodel|mymodel.zip
mymodel.h5.zip|mymodel.keras.zip|mymodel.h5.h5|ｍｙｍｏｄｅｌ.h5
"""
COPIES = """
mymodel (1).h5|mymodel(1).keras|mymodel (002).h5|mymodel 2.h5|mymodel-1.h5|mymodel.h5.1|mymodel.h5 (1)|mymodel (1).zip
mymodel - Copy.h5|mymodel - Copy (2).h5|mymodel copy.h5|mymodel copy 2.h5|mymodel-Copy1.h5|mymodel (copy).h5
mymodel (another copy).h5|mymodel (3rd copy).h5|mymodel (Copy 2).h5|Copy of mymodel.h5
mymodel - Kopie.h5|mymodel - Kopie (2).h5|mymodel Kopie.h5|mymodel (3. Kopie).h5|Kopie von mymodel.h5
mymodel - 복사본.h5|mymodel - 복사본 (2).h5|mymodel 복사본.h5|mymodel.h5의 사본|mymodel (사본).h5
mymodel - コピー.h5|mymodel - コピー (3).h5|mymodelのコピー.h5|mymodel のコピー 2.h5|mymodel.h5 のコピー
mymodel - 副本.h5|mymodel的副本.h5|mymodel - 複製.h5|Copia de mymodel.h5|mymodel - Cópia.h5|mymodel — копия.h5
mymodel-20261130T141500Z-001.zip|mymodel-20261130T141500Z-1-001.zip|mymodel (1)
"""
OTHERS = """
mymodel_1.h5|mymodel2.h5|mymodel_copy.h5|mymodel_best.h5|mymodel - best.h5|mymodel-v2.h5|mymodel 2026.h5|best.h5
mymodels (1).h5|yourmymodel.h5|mymodel-20261130.h5|copy.h5
"""
NO_MODELS = (
    "mymodel.weights.h5|cp.weights.h5|mymodel.txt|mymodel.h5.tmp|mymodel (1).py|._mymodel.h5|starter.py|notes.zip"
)
UNFINISHED = """
mymodel.h5.crdownload|mymodel.h5.part|mymodel.Xk2jdf12.h5.part|mymodel (1).h5.crdownload|mymodel.zip.download
mymodel.keras.partial|mymodel.h5.aria2|best.h5.part|mymodel.h5.opdownload
"""


def listed(names: str) -> list[str]:
    return [name for line in names.splitlines() for name in line.split("|") if name]


@pytest.mark.parametrize("name", listed(CALLED))
def test_called_as_starters_call_it(name: str) -> None:
    found = name_of(name)
    assert (found.is_called, found.is_copy, found.is_model) == (True, False, True)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", listed(COPIES))
def test_copies(name: str, form: str) -> None:
    found = name_of(unicodedata.normalize(form, name))  # type: ignore[arg-type]
    assert (found.is_called, found.is_copy, found.is_model) == (False, True, True)


@pytest.mark.parametrize("name", listed(OTHERS))
def test_models_by_other_names(name: str) -> None:
    found = name_of(name)
    assert (found.is_called, found.is_copy, found.is_model) == (False, False, True)


@pytest.mark.parametrize("name", listed(NO_MODELS))
def test_no_whole_models(name: str) -> None:
    found = name_of(name)
    assert (found.is_model, found.is_unfinished) == (False, False)


@pytest.mark.parametrize("name", listed(UNFINISHED))
def test_downloads_under_way(name: str) -> None:
    assert name_of(name).is_unfinished
    assert not name_of(name).is_model
