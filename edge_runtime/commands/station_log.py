"""Open a camp's store together with its log, and say there what the station runs with."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.station.camp_store import CampStore
    from edge_runtime.station.web.server import Place


@contextmanager
def logged_store(folder: Path, classifier: "Classifier", place: "Place") -> "Iterator[CampStore]":
    """Open the store of a camp for a station, and its log.

    Args:
        folder: The data folder.
        classifier: What speaks.
        place: Where the pages are.

    Raises:
        LogInvalidError: The log isn't as it was written, and isn't gone on with.
        OSError: Something can't be written.
    """
    from edge_runtime.station.camp_store import CampStore
    from edge_runtime.station.open_log import logged

    with closing(CampStore(folder)) as store:
        store.check_writable()
        with logged(store) as log:
            if log:
                bundle = classifier.bundle
                log.begin(bundle.identity, _settings(classifier, place), bundle.sealed)
            yield store
            if log:
                log.end()


def _settings(classifier: "Classifier", place: "Place") -> str:
    from edge_runtime.version import VERSION

    settings = {
        "version": VERSION,
        "model": classifier.session.name,
        "gradients": classifier.gradients,
        "quality_gate": classifier.quality_gate,
        "host": place.host,
        "port": place.port,
        "language": place.language,
        "worklist": place.worklist is not None,
    }
    return json.dumps(settings, sort_keys=True)
