"""base, ours, theirs -> Plan. Pure, and all or nothing.

base is what the lock says was rendered last, ours the files in the tree, theirs the new rendering. An unedited file
becomes theirs; an edited one is merged, and what both sides changed is a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import PurePosixPath

from bakegen import contract, foreign, project_document, project_file, rename
from bakegen import lock as lock_file
from bakegen.catalog import Catalog
from bakegen.draft import Draft, with_newlines_of
from bakegen.edited import (
    Verdict,
    has_markers,
    or_whole,
    renamed_by_hand,
    unresolved,
    without_base,
)
from bakegen.lock import Hashes, Lock, digest
from bakegen.merge.order import reordered
from bakegen.model import Project, Service
from bakegen.plan import COPIES, Change, Ours, Plan, Sides, Wish
from bakegen.seeded import seed
from bakegen.tree import HOSTS, PACKAGES, File, Tree, layout


def paths(project: Project, lock: Lock, theirs: Tree, wish: Wish) -> set[PurePosixPath]:
    """The paths whose present bytes a plan depends on."""
    locked = {lock_file.moved(PurePosixPath(path.partition("#")[0]), wish.folders) for path in lock.hashes}
    return {lock_file.FILE, project_document.FILE, *locked, *theirs, *project.adopted}


def make(project: Project, catalog: Catalog, sides: Sides, wish: Wish) -> Plan:
    """The plan that brings the tree in step with the project.

    The project file is part of theirs like any other file, but it is never a conflict: the caller edited it by spans.
    """
    pairs = renames(sides.before, project, wish)
    lock = lock_file.renamed(sides.lock, {old.name: new.name for old, new in pairs}, wish.folders)
    ours, theirs = sides.ours, sides.theirs
    renamed = (*pairs, *_moved(sides.before, project, wish))
    draft = Draft(project=project, lock=lock, sides=sides, wish=wish, renamed=renamed)
    by_hand = [(old, new) for old, new in pairs if new.name not in wish.said]
    draft.notes += [f"{old.name} is {new.name} now: it is the service in {new.path}" for old, new in by_hand]
    draft.notes += [f"{found.message}: {found.hint}" for found in contract.ports(project)]
    for path, file in theirs.items():
        if path == project_document.FILE:
            draft.changes[path] = file.text
        elif path in project.unmanaged:
            draft.kept += [path] if ours[path] is not None else []
        elif draft.wish.only is not None and path not in draft.wish.only:
            _left_out(draft, path, file)
        elif (place := foreign.place(path, project.adopted)) is not None:
            _adopted(draft, place, catalog)
        elif file.ownership == "managed" or _given_back(draft, path, file, catalog):
            _managed(draft, path, file)
        else:
            seed(draft, path, file)
    if draft.still:
        names, places = ", ".join(draft.removed), ", ".join(map(str, draft.still))
        draft.notes.append(f"{names}: yours now, as you edited it, in {places}")
    _rendered_no_longer(draft, theirs, catalog)
    _keep_copies(draft, theirs)
    stated = expected_lock(project, catalog, draft.hashes)
    stated = replace(lock, hashes=draft.hashes) if draft.left_out and lock.readable else stated
    draft.changes[lock_file.FILE] = lock_file.dump(stated)
    return Plan(
        changes=_changes(ours, draft.changes),
        conflicts=tuple(draft.conflicts),
        kept=tuple(draft.kept),
        moves=draft.wish.moves,
        marked=_changes(ours, draft.changes | draft.marked) if draft.marked else (),
        notes=tuple(dict.fromkeys(draft.notes)),
    )


def renames(before: Project | None, project: Project, wish: Wish) -> tuple[tuple[Service, Service], ...]:
    """The services that have another name now: a path, moved or not, whose old name is gone and whose new name is new."""
    names = {service.name for service in project.services}
    known = {service.name for service in before.services} if before is not None else set()
    gone = {
        lock_file.moved(service.path, wish.folders): service
        for service in (before.services if before is not None else ())
        if service.name not in names
    }
    return tuple(
        (gone[service.path], service)
        for service in project.services
        if service.name not in known and service.path in gone
    )


def _moved(before: Project | None, project: Project, wish: Wish) -> tuple[tuple[Service, Service], ...]:
    """The services whose folder moves, and whose name stays."""
    now = {service.name: service for service in project.services}
    old = before.services if before is not None else ()
    return tuple(
        (service, now[service.name])
        for service in old
        if service.name in now and wish.folders.get(service.path) == now[service.name].path
    )


def expected_lock(project: Project, catalog: Catalog, hashes: Hashes) -> Lock:
    """The lock that says: this project was rendered by this version, with these hashes."""
    return Lock(
        version=catalog.version,
        pins=asdict(catalog.pins),
        project=project_file.project_answers(project),
        services={service.name: project_file.service_answers(service) for service in project.services},
        hashes=hashes,
    )


def _changes(ours: Ours, texts: Mapping[PurePosixPath, bytes | None]) -> tuple[Change, ...]:
    return tuple(
        Change(path=path, before=ours.get(path), after=after)
        for path, after in sorted(texts.items())
        if ours.get(path) != after
    )


def _left_out(draft: Draft, path: PurePosixPath, file: File) -> None:
    """A path that this plan is not about: the lock goes on saying what it said of it.

    Of the options of a service, too, while its seeded files have not followed them.
    """
    hashes = {key: value for key, value in draft.lock.hashes.items() if key.partition("#")[0] == str(path)}
    draft.hashes |= hashes
    if foreign.place(path, draft.project.adopted) is not None:
        return
    if file.ownership == "managed":
        draft.left_out |= hashes.get(str(path)) != frozenset({digest(file.text)})
    else:
        draft.left_out |= draft.chosen(file.service) != ""


def _adopted(draft: Draft, path: PurePosixPath, catalog: Catalog) -> None:
    """A file that was there before bakegen: only what the change itself renders goes in, after minus before."""
    ours = draft.ours[path]
    if ours is None or draft.sides.before is None:
        return
    text, images = draft.read(path, ours), catalog.pins.images
    before = rename.project(draft.sides.before, draft.renamed)
    pairs = ((before, draft.project), (draft.project, before))
    base, after = (foreign.render(path, one, text, images, other) for one, other in pairs)
    names = [(old.name, new.name) for old, new in draft.renamed]
    lost = foreign.lost(path, ours, text, names) if draft.wish.favor != "ours" else ()
    draft.conflicts += [renamed_by_hand(path, old, new, ours, text) for old, new in lost]
    draft.take(path, draft.merge(path, base, text, after))


def _given_back(draft: Draft, path: PurePosixPath, file: File, catalog: Catalog) -> bool:
    """Whether another option makes a managed file a seeded one: it is merged this once more, as it was on the way in."""
    return draft.ours[path] is not None and draft.chosen(file.service) != "" and _was_managed(draft, path, catalog)


def _managed(draft: Draft, path: PurePosixPath, file: File) -> None:
    ours, hashes = draft.ours[path], draft.lock.hashes.get(str(path), frozenset())
    theirs = digest(file.text)
    draft.hashes[str(path)] = frozenset({theirs})
    if ours is not None and digest(ours) == theirs:
        return
    if ours is None and (path in draft.wish.anew or not hashes):
        draft.changes[path] = file.text
    elif ours is not None and (path in draft.wish.anew or digest(ours) in hashes):
        draft.changes[path] = with_newlines_of(ours, file.text)
    elif ours is not None and has_markers(ours):
        draft.take(path, unresolved(path, ours, file.text, draft.wish.favor))
    elif hashes == {theirs}:
        draft.kept += [] if ours is None else [path]
    elif ours is None:
        generated = str(path) in draft.sides.lock.hashes  # by this name, before its folder moved
        message = "you deleted it, and it must change"
        draft.take(path, without_base(path, None, file.text, message, draft.wish.favor, generated=generated))
    else:
        _edited(draft, path, ours, file.text, hashes)


def _edited(draft: Draft, path: PurePosixPath, ours: bytes, theirs: bytes, hashes: frozenset[str]) -> None:
    # Git put what two branches added where it found a place.
    if len(hashes) > 1 and reordered(path, draft.read(path, ours), theirs):
        draft.changes[path] = with_newlines_of(ours, theirs)
        return
    favor = draft.wish.favor
    verdicts: list[Verdict] = []
    for base in draft.sides.find_base(str(path), hashes):
        before, text = (draft.read(path, each, base=base.text, theirs=theirs) for each in (base.text, ours))
        verdicts.append(draft.merge(path, before, text, theirs, known=base.known))
    if verdicts:
        best = next((each for each in verdicts if not each.conflicts), verdicts[0])
        draft.take(path, or_whole(best, theirs, favor))
        return
    if hashes:
        message = "you edited it, and what it was made from is not known any more"
    elif draft.lock.readable:
        message = "it is in the way of a generated file"
    else:
        message = "it differs, and bakegen.lock is not there to tell why"
    generated = str(path) in draft.sides.lock.hashes or not draft.lock.readable
    draft.take(path, without_base(path, ours, theirs, message, favor, generated=generated))


def _rendered_no_longer(draft: Draft, theirs: Tree, catalog: Catalog) -> None:
    """The paths that only the lock knows."""
    only = draft.wish.only
    for key in sorted(draft.lock.hashes):
        path = PurePosixPath(key.partition("#")[0])
        if path in theirs or path in draft.project.unmanaged:
            continue
        if only is not None and path not in only:
            draft.hashes[key] = draft.lock.hashes[key]
            draft.left_out = True
        else:
            _gone(draft, path, catalog)
    if draft.stay:
        names = ", ".join(map(str, draft.stay))
        draft.notes.append(f"not generated any more, and yours now with your edits in them: {names}")


def _gone(draft: Draft, path: PurePosixPath, catalog: Catalog) -> None:
    """A path that was rendered and is no longer: unedited files of the project and of deleted services go.

    An edited one goes only where edits are to be discarded and it was a managed file of the project: seeded files are
    the user's, and so is what somebody made of a service's files. An internal package that nothing uses any more goes
    with a deleted service. What a service has no more since another option was chosen goes, too, if nobody edited it.
    Without a readable lock nobody can tell whose file it is, so it stays.
    """
    ours = draft.ours[path]
    owner = next(
        (name for name, answers in draft.lock.services.items() if path.is_relative_to(str(answers.get("path", "\0")))),
        None,
    )
    if any(service.name == owner for service in draft.project.services) and _was_of_a_host(draft, path, catalog):
        owner = None  # the service stays, and the host went
    chosen = draft.chosen(next((service for service in draft.project.services if service.name == owner), None))
    mine = owner in draft.wish.delete or chosen if owner is not None else draft.lock.readable
    if ours is None or not mine:
        return
    if owner is None and path.parts[0] == PACKAGES and not draft.wish.delete:
        return
    unedited = digest(ours) in draft.lock.hashes.get(str(path), frozenset())
    if chosen and not unedited:
        draft.notes.append(f"{path} is yours, and stays: with {chosen} nothing of bakegen's reads it")
        return
    if unedited or (draft.wish.favor == "theirs" and owner is None and _was_managed(draft, path, catalog)):
        draft.changes[path] = None
    elif path not in draft.kept:
        draft.kept.append(path)
        draft.stay += [path] if _was_of_a_host(draft, path, catalog) else []


def _was_managed(draft: Draft, path: PurePosixPath, catalog: Catalog) -> bool:
    source = layout(draft.sides.before, catalog).get(path) if draft.sides.before is not None else None
    return source is not None and source.ownership == "managed"


def _was_of_a_host(draft: Draft, path: PurePosixPath, catalog: Catalog) -> bool:
    source = layout(draft.sides.before, catalog).get(path) if draft.sides.before is not None else None
    return source is not None and source.folder.startswith(HOSTS)


def _keep_copies(draft: Draft, theirs: Tree) -> None:
    """What was rendered for a file that somebody edited, so that any later version finds its base; old copies go."""
    wanted: dict[PurePosixPath, bytes] = {}
    for path, file in theirs.items():
        stated = draft.hashes.get(str(path))
        final = draft.changes.get(path, draft.ours.get(path))
        rendered = digest(file.text)
        if (
            file.ownership == "managed"
            and stated == frozenset({rendered})
            and final is not None
            and digest(final) != rendered
        ):
            wanted[COPIES / rendered] = file.text
    stated_hashes = frozenset().union(*draft.hashes.values())
    for path, text in draft.ours.items():
        if path.parent == COPIES and text is not None and path not in wanted and path.name not in stated_hashes:
            draft.changes[path] = None
    draft.changes |= wanted
