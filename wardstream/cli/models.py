"""`wardstream models list | show | rollback | promote | publish`: which personal models are in force, and going back."""

from typing import Annotated

import typer

from sagemaker_training import operating
from sagemaker_training.book import Kept
from sagemaker_training.loop import forget_erased, shelf_of
from sagemaker_training.operating import Changed
from sagemaker_training.publish import publish as publish_now
from sagemaker_training.settings import TrainingSettings
from sagemaker_training.shelf import Shelf
from wardstream.cli import found
from wardstream.contracts.units import utc
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.settings import load

User = Annotated[str | None, typer.Option("--user", help="One person's id.")]
All = Annotated[bool, typer.Option("--all", help="Everybody.")]


def list_() -> None:
    """Says what is in force: how many people have which version in which state."""
    _, shelf = _shelf()
    seen = operating.overview(shelf)
    if not seen.manifest.number:
        typer.echo("the shelf is empty: nothing was trained yet")
        return
    told = "" if seen.announced >= seen.manifest.number else "; not published: `wardstream models publish`"
    made = utc(seen.manifest.made_at_us).isoformat(timespec="seconds")
    typer.echo(f"change {seen.manifest.number} ({seen.manifest.why}) of {made}{told}")
    typer.echo(f"{'version':>8} {'active':>8} {'shadow':>8} {'retired':>8}")
    for version, states in seen.versions.items():
        typer.echo(f"{version:>8} {states['active']:>8} {states['shadow']:>8} {states['retired']:>8}")
    if seen.held:
        typer.echo(
            f"{seen.held} people were rolled back: what is fitted for them stays a shadow until promoted"
        )


def show(user: Annotated[str, typer.Option("--user", help="The person's id.")]) -> None:
    """Shows one person's versions: state, verdict, and what is usual by each."""
    _, shelf = _shelf()
    entry = operating.entry_of(shelf, user)
    for kept in entry.kept:
        typer.echo(_described(kept))
        for name, usual in sorted(kept.model.usual.items()):
            typer.echo(f"    {name}: {usual.mean:g}, spread {usual.spread:g}, from {usual.days:g} days")
    if entry.is_held:
        typer.echo("rolled back: what is fitted later stays a shadow until promoted")


def _described(kept: Kept) -> str:
    verdict = kept.verdict
    fitted = utc(kept.model.fitted_at_us).isoformat(timespec="seconds")
    return (
        f"version {kept.model.version} {kept.state}, fitted {fitted}: {verdict.reason} "
        f"(false alarms {verdict.candidate.false_alarms} against {verdict.current.false_alarms}, planted changes found "
        f"{verdict.candidate.found} against {verdict.current.found} of {verdict.candidate.planted})"
    )


def rollback(*, user: User = None, everybody: All = False) -> None:
    """Puts the version before in force again, and tells the processors."""
    settings, shelf = _shelf()
    _tell(operating.roll_back(settings, shelf, _whom(user, everybody)), "rolled back")


def promote(*, user: User = None, everybody: All = False) -> None:
    """Puts shadows in force, and tells the processors."""
    settings, shelf = _shelf()
    _tell(operating.promote(settings, shelf, _whom(user, everybody)), "promoted")


def publish() -> None:
    """Tells the processors what is in force and not told yet, as after a training that reached no Kafka."""
    settings, shelf = _shelf()
    # Else a processor would be told of somebody whom it has just forgotten.
    forget_erased(settings, shelf)
    typer.echo(f"published {publish_now(settings, shelf)} people's models")


def forget() -> None:
    """Writes whoever is being erased out of all models now, and tells the processors; every training does it, too."""
    settings, shelf = _shelf()
    done = forget_erased(settings, shelf)
    typer.echo(f"forgot {done.people} people (change {done.number}): {done.removed} objects removed")
    if done.left:
        typer.echo(f"{done.left} objects stay until Kafka is told: run this again where it is reached")


def _shelf() -> tuple[TrainingSettings, Shelf]:
    found.use_local_servers()
    settings = load(TrainingSettings)
    return settings, shelf_of(settings)


def _whom(user: str | None, everybody: bool) -> str | None:
    if (user is None) != everybody:
        raise CannotRun("say either --user U or --all")
    return user


def _tell(changed: Changed, what: str) -> None:
    typer.echo(f"{what} {changed.people} people (change {changed.number})")
