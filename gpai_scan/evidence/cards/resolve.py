"""Holds the claims of a card against the name of the repository that carries it."""

from __future__ import annotations

from gpai_scan.evidence.cards.claims import Claim
from gpai_scan.evidence.cards.members import by_name, family_totals, many_sizes, most_specific
from gpai_scan.evidence.cards.subjects import identity
from gpai_scan.evidence.cards.together import (
    consistent_steps,
    continued_sum,
    hours_used,
    lengths,
    parts_of_data,
    repeated,
    settings,
    total_batch,
    whole_of_parts,
)


def resolve(repo_id: str, claims: list[Claim], base: str | None = None) -> list[Claim]:
    """The claims with subject and rejection set, in order of place.

    `base` is the repository that the front matter names as base model.
    """
    said = {claim.draft.quantity for claim in claims}
    # Most cards state settings alone, for which the repository's name need not be taken apart.
    named = any(c.draft.labels for c in claims) or any(q.startswith("parameters") for q in said)
    resolved = by_name(claims, identity(repo_id), base) if named else claims
    resolved = parts_of_data(resolved) if "tokens" in said else resolved
    resolved = family_totals(resolved)
    resolved = many_sizes(resolved) if "parameters_total" in said else resolved
    resolved = total_batch(resolved) if "batch_sequences" in said else resolved
    resolved = hours_used(resolved) if "accelerator_count" in said else resolved
    resolved = most_specific(resolved, identity(repo_id)) if named else resolved
    resolved = lengths(resolved) if "context_length" in said else resolved
    resolved = settings(resolved) if "sequence_length" in said else resolved
    resolved = consistent_steps(resolved) if "steps" in said else resolved
    if "tokens" in said:
        resolved = continued_sum(whole_of_parts(repeated(resolved)))
    return [c for c in resolved if c.draft.rejected != "no_training_context"]
