"""What a family file is found by, kept inside its document and indexed."""

from pymongo import IndexModel

from services.identity.domain.duplicates import likes_of
from services.identity.domain.families import FamilyFile
from services.identity.domain.search import terms_of
from shared.mongo import Document

KEY = ("municipality_id", "search.terms", "sort_name", "_id")
SEARCH_INDEX = IndexModel([(field, 1) for field in KEY], name="search")
LIKES_INDEX = IndexModel([("municipality_id", 1), ("search.likes", 1)], name="likes")


def search_fields(file: FamilyFile) -> Document:
    """`terms` for the index; `text`, the same in one string, for the terms the index is not read by; `likes`: what
    other files may share with it.

    A file merged into another one is found no more.
    """
    if file.merged_into:
        return {"terms": [], "text": "", "likes": []}
    terms = terms_of(file.whole)
    return {"terms": list(terms), "text": f" {' '.join(terms)} ", "likes": list(likes_of(file.whole))}
