"""All the checks of the catalogue, one after another, every fault reported at once."""

from pathlib import Path

from service.catalogue.checks.answers import answer_faults
from service.catalogue.checks.concepts import concept_faults
from service.catalogue.checks.coverage import coverage_faults
from service.catalogue.checks.grounds import Grounds, read_grounds
from service.catalogue.checks.holders import holder_faults
from service.catalogue.checks.likenesses import likeness_faults
from service.catalogue.checks.literals import literal_faults
from service.catalogue.checks.names import readings
from service.catalogue.checks.releases import release_faults
from service.catalogue.checks.trials import Ground, trial_faults
from service.catalogue.definitions import Catalogue, Pack


def run_checks(catalogue: Catalogue, folder: Path) -> list[str]:
    """Return every fault of the catalogue read from a folder, each with file, line and key; none when it is sound.

    Older versions of a pack are checked as forms of their own; rows, concepts and likenesses are those of the current.
    """
    grounds = read_grounds(catalogue, folder)
    faults = [fault for _, pack in sorted(catalogue.packs.items()) for fault in pack_faults(grounds, pack)]
    faults.extend(coverage_faults(grounds))
    faults.extend(concept_faults(grounds))
    faults.extend(holder_faults(grounds))
    faults.extend(likeness_faults(grounds))
    faults.extend(release_faults(catalogue, folder))
    return faults


def run_checks_of_one_pack(catalogue: Catalogue, folder: Path, name: str) -> list[str]:
    """Return the faults of one pack, of a catalogue that holds no other: for its writer, while others write theirs."""
    grounds = read_grounds(catalogue, folder)
    faults = [fault for _, pack in sorted(catalogue.packs.items()) for fault in pack_faults(grounds, pack)]
    faults.extend(coverage_faults(grounds, partial=True))
    faults.extend(concept_faults(grounds, partial=True))
    faults.extend(release_faults(catalogue, folder, only=name))
    return faults


def pack_faults(grounds: Grounds, pack: Pack) -> list[str]:
    """Return the faults of one version of a pack: its answers, names, literals, and its conditions when tried."""
    faults = list(answer_faults(grounds, pack))
    ground = Ground(pack)
    for reading in readings(grounds, pack, faults):
        misfits = literal_faults(grounds, reading)
        faults.extend(misfits)
        if reading.sound and not misfits:
            faults.extend(trial_faults(grounds, ground, reading))
    return faults
