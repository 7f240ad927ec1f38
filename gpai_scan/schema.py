"""Every stored column, once: name, type, unit and meaning.

From the tables below come the Polars schemas, the DuckDB tables with their comments, the field
metadata of the Parquet files and the data dictionary in `docs/data-dictionary.md`.

Counts are Float64 in base units: 6·N·D of a large model exceeds a 64-bit integer, which Polars
would wrap silently. Null means *unknown*; it is never a zero and never a sentinel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl
import pyarrow as pa

# The kinds of number and statement a claim can be about, with the unit of its value.
# A quantity whose unit is "text" keeps its answer in the column `text` instead of `value`.
QUANTITIES: Final[dict[str, str]] = {
    "parameters_total": "parameters",
    "parameters_active": "parameters",
    "parameters_trainable": "parameters",
    "parameters_embedding": "parameters",
    "layers": "layers",
    "attention_width": "channels",
    "hidden_size": "channels",
    "vocabulary_size": "tokens",
    "context_length": "tokens",
    "tokens": "tokens",
    "unique_tokens": "tokens",
    "epochs": "passes",
    "steps": "updates",
    "batch_tokens": "tokens",
    "batch_sequences": "sequences",
    "sequence_length": "tokens",
    "samples_seen": "samples",
    "dataset_samples": "samples",
    "audio_hours": "hours",
    "accelerator_hours": "hours",
    "accelerator_count": "accelerators",
    "accelerator_nodes": "nodes",
    "accelerators_per_node": "accelerators",
    "accelerator_memory": "bytes",
    "accelerator_flop_rate": "FLOP/s",
    "training_hours": "hours",
    "utilisation": "fraction",
    "training_flop": "FLOP",
    "energy": "kWh",
    "emissions": "g CO2e",
    "accelerator_model": "text",
    "precision": "text",
    "dataset": "text",
    "base_model": "text",
    "relation": "text",
    "licence": "text",
    "language": "text",
    "architecture": "text",
    "task": "text",
    "shape_fingerprint": "text",
    "synthetic_data": "text",
    "distilled_from": "text",
    "release_date": "text",
}

# The part of a model's training that a claim is about. Null: the claim does not say.
STAGES: Final = (
    "pretraining",
    "continued_pretraining",
    "post_training",
    "all_training",
    "inference",
)

# Where a claim comes from. The order is the precedence: of two claims about one quantity the
# earlier method wins, and the later stays queryable.
METHODS: Final = (
    "override",  # the user's own table
    "weights",  # stored tensors by dtype, corrected for buffers and packing
    "weights_index",  # byte size or count in a weight index
    "config",  # arithmetic of a known architecture family over config.json
    "gguf",  # header of a GGUF file as the hub reports it
    "front_matter",  # YAML at the top of the card
    "listing",  # other metadata of the hub's API
    "card_table",  # a table of the card
    "card_text",  # prose of the card
    "card_derived",  # product or sum of figures stated in the card
    "config_generic",  # fallback arithmetic over a config of unknown family
    "reference",  # data/reference_models.csv
    "name",  # the repository's name
    "card_data",  # size of the training data that the card states, taken as read once
    "dataset",  # size of a training set named by the card
    "lineage",  # inherited from the base model
    "prior",  # no statement at all: a spread measured over published models
)

# How a stated figure is meant.
BOUNDS: Final = ("equal", "about", "at_least", "at_most")

# How one repository was made from another.
RELATIONS: Final = (
    "base",  # not made from another repository
    "finetune",
    "continued_pretraining",
    "adapter",
    "merge",
    "quantized",
    "pruned",
    "distilled",
    "upcycled",
    "mirror",
    "unknown",
)

# What became of a file that was asked for.
DOCUMENT_STATUSES: Final = (
    "ok",
    "missing",
    "empty",
    "gated",
    "too_large",
    "binary",
    "not_utf8",  # text is kept, undecodable bytes replaced
    "renamed",
    "deleted",
    "unavailable",
)

# Why a repository has no compute estimate, or why a claim was set aside.
SKIP_REASONS: Final = (
    "bad_listing",
    "gated",
    "disabled",
    "no_files",
    "no_parameters",
    "no_tokens",
    "no_base_compute",
    "unknown_architecture",
    "bad_config",
    "pruned",
    "implausible",
)

VERDICTS: Final = ("in", "out", "unknown")

SIGNS: Final = ("biological_sequences",)
"""Flags of an estimate that are no doubts."""
QUANTITY = pl.Enum(list(QUANTITIES))
STAGE = pl.Enum(list(STAGES))
METHOD = pl.Enum(list(METHODS))
BOUND = pl.Enum(list(BOUNDS))
RELATION = pl.Enum(list(RELATIONS))
DOCUMENT_STATUS = pl.Enum(list(DOCUMENT_STATUSES))
VERDICT = pl.Enum(list(VERDICTS))
TIME = pl.Datetime("ms", "UTC")
COUNT_BY_DTYPE = pl.List(pl.Struct({"dtype": pl.String, "count": pl.Float64}))


@dataclass(frozen=True, slots=True)
class Column:
    """One stored column: its name, Polars type, unit ("" where it has none) and meaning."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    unit: str
    about: str


@dataclass(frozen=True, slots=True)
class Table:
    """One stored table: its name, what one row is, its columns and the columns it is sorted by."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def schema(self) -> pl.Schema:
        """The Polars schema of the table."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]

    def empty(self) -> pl.DataFrame:
        """A frame with the table's columns and no rows."""
        return self.schema.to_frame()

    def conform(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with exactly the table's columns, in order and type; absent ones are null.

        Columns the table does not know are dropped. Values that cannot be cast raise
        `polars.exceptions.InvalidOperationError` on collection.
        """
        known = frame.collect_schema()
        return frame.select(
            (pl.col(c.name) if c.name in known else pl.lit(None)).cast(c.dtype).alias(c.name)
            for c in self.columns
        )


def _column(name: str, dtype: pl.DataType | type[pl.DataType], unit: str, about: str) -> Column:
    return Column(name, dtype, unit, about)


_c = _column

REPO_ID = _c("repo_id", pl.String, "", "Repository on its hub, `namespace/name`.")
REVISION = _c("revision", pl.String, "", "Commit of the repository that was read, where known.")
SCAN_ID = _c("scan_id", pl.String, "", "Scan that stored the row; names the row's `scans` entry.")

REPOSITORIES = Table(
    "repositories",
    "One row a repository, as its hub lists it.",
    (
        REPO_ID,
        _c("hub", pl.String, "", "Hub or source the repository comes from."),
        _c("hub_id", pl.String, "", "The hub's own stable identifier; survives renames."),
        REVISION,
        _c("namespace", pl.String, "", "Owner of the repository: the part before the slash."),
        _c("created_at", TIME, "", "Creation time on the hub; 2022-03-02 stands for older ones."),
        _c("last_modified", TIME, "", "Last change of the repository's files."),
        _c("gated", pl.String, "", "Access: `no`, `auto` or `manual`; null where unknown."),
        _c("private", pl.Boolean, "", "Whether the hub calls the repository private."),
        _c("disabled", pl.Boolean, "", "Whether the hub has disabled the repository."),
        _c("downloads_30d", pl.Float64, "downloads", "Downloads of the last 30 days."),
        _c("downloads_all_time", pl.Float64, "downloads", "Downloads since creation."),
        _c("likes", pl.Float64, "likes", "Likes on the hub."),
        _c("spaces", pl.Float64, "spaces", "Demo spaces that name the repository."),
        _c("library_name", pl.String, "", "Library the repository is made for."),
        _c("pipeline_tag", pl.String, "", "The hub's task tag."),
        _c("tags", pl.List(pl.String), "", "All tags of the repository, as listed."),
        _c("licence", pl.String, "", "Licence identifier from front matter or tag, lower case."),
        _c("licence_name", pl.String, "", "Name of the licence where the identifier is `other`."),
        _c("datasets", pl.List(pl.String), "", "Data sets named in the front matter."),
        _c("languages", pl.List(pl.String), "", "Languages named in the front matter."),
        _c("base_relation", pl.String, "", "The hub's word for how it was made from its base."),
        _c("base_repo_ids", pl.List(pl.String), "", "Base repositories named by the metadata."),
        _c("model_type", pl.String, "", "`model_type` of the listed configuration."),
        _c("architectures", pl.List(pl.String), "", "`architectures` of the listed configuration."),
        _c("quantisation_method", pl.String, "", "Quantisation method of the configuration."),
        _c("quantisation_bits", pl.Float64, "bits", "Bits of a packed weight."),
        _c("safetensors_total", pl.Float64, "elements", "The hub's total over safetensors files."),
        _c("safetensors_by_dtype", COUNT_BY_DTYPE, "elements", "The hub's counts by dtype."),
        _c("gguf_total", pl.Float64, "parameters", "Parameters in the listed GGUF header."),
        _c("gguf_bytes", pl.Float64, "bytes", "Total size of the GGUF files."),
        _c("gguf_architecture", pl.String, "", "Architecture in the listed GGUF header."),
        _c("gguf_context_length", pl.Float64, "tokens", "Context length in the GGUF header."),
        _c("files", pl.List(pl.String), "", "Paths in the repository; null where not listed."),
        _c("card_data", pl.String, "", "Front matter as the hub parsed it, JSON."),
        _c("config", pl.String, "", "The hub's projection of the configuration, JSON."),
        _c("listing_file", pl.String, "", "Stored page or file the row was read from."),
        _c("bound_flop", pl.Float64, "FLOP", "Upper bound of training compute by the listing."),
        _c("pruned", pl.String, "", "Why a crawl left its files out; null where it did not."),
        _c("reason", pl.String, "", "What was wrong with the listing; null where nothing was."),
    ),
    ("repo_id",),
)

_RAW_ONLY: Final = ("files", "card_data", "config")

LISTED = Table(
    "repositories",
    REPOSITORIES.about,
    tuple(column for column in REPOSITORIES.columns if column.name not in _RAW_ONLY),
    REPOSITORIES.key,
)
"""`REPOSITORIES` without the hub's raw answers, which stay in the shards: what is published."""

DOCUMENTS = Table(
    "documents",
    "One row a file that was asked for, with its text or the reason there is none.",
    (
        REPO_ID,
        _c("path", pl.String, "", "Path inside the repository."),
        REVISION,
        _c("status", DOCUMENT_STATUS, "", "What became of the file."),
        _c("size", pl.Int64, "bytes", "Size of the file."),
        _c("etag", pl.String, "", "The hub's tag of the content, where it gave one."),
        _c("text", pl.String, "", "The text; null where there is none to read."),
    ),
    ("repo_id", "path"),
)

EVIDENCE = Table(
    "evidence",
    "One row a claim about one quantity of one repository, with the place it was read.",
    (
        REPO_ID,
        REVISION,
        _c("quantity", QUANTITY, "", "What the claim is about."),
        _c("stage", STAGE, "", "Part of the training it is about; null where not said."),
        _c("subject", pl.String, "", "Model it is about; null: this repository."),
        _c("value", pl.Float64, "of the quantity", "Central value in base units."),
        _c("low", pl.Float64, "of the quantity", "Lower end of the stated range."),
        _c("high", pl.Float64, "of the quantity", "Upper end of the stated range."),
        _c("text", pl.String, "", "Value of a quantity that is not a number."),
        _c("bound", BOUND, "", "Whether the figure is meant exactly, roughly or as a bound."),
        _c("method", METHOD, "", "Kind of place it comes from; the order is the precedence."),
        _c("rejected", pl.String, "", "Why the claim may not be used; null where it may."),
        _c("file", pl.String, "", "File the claim was read from."),
        _c("line", pl.Int32, "", "Line of the file, counted from 1."),
        _c("start", pl.Int32, "characters", "First character of the span within the line."),
        _c("end", pl.Int32, "characters", "Character after the span within the line."),
        _c("quote", pl.String, "", "The words that state it, at most 200 characters."),
        _c("note", pl.String, "", "What a reader should know: factors, corrections, doubts."),
    ),
    ("repo_id", "quantity", "stage", "subject", "method", "file", "line", "start"),
)

FACTS = Table(
    "facts",
    "One row a repository, quantity and stage (and parent): the claim that won, and the others.",
    (
        REPO_ID,
        REVISION,
        _c("quantity", QUANTITY, "", "What the fact is about."),
        _c("stage", STAGE, "", "Part of the training it is about; null where not said."),
        _c("value", pl.Float64, "of the quantity", "Central value in base units."),
        _c("low", pl.Float64, "of the quantity", "Lower end of the range."),
        _c("high", pl.Float64, "of the quantity", "Upper end of the range."),
        _c("text", pl.String, "", "Value of a quantity that is not a number."),
        _c("method", METHOD, "", "Kind of place the winning claim comes from."),
        _c("file", pl.String, "", "File of the winning claim."),
        _c("line", pl.Int32, "", "Line of the winning claim."),
        _c("quote", pl.String, "", "Words of the winning claim."),
        _c("note", pl.String, "", "Note of the winning claim and why it won."),
        _c("claims", pl.UInt32, "claims", "Claims that could have been used."),
        _c("disagreement", pl.Float64, "ratio", "Largest ratio of a losing claim to the winner."),
    ),
    ("repo_id", "quantity", "stage"),
)

LINEAGE = Table(
    "lineage",
    "One row a repository and parent: which repository was made from which, and how.",
    (
        REPO_ID,
        _c("base_repo_id", pl.String, "", "Repository it was made from."),
        _c("position", pl.Int64, "", "Order in which the parents are named, from 1."),
        _c("relation", RELATION, "", "How it was made."),
        _c("method", METHOD, "", "Kind of place the statement comes from."),
        _c("inferred", pl.Boolean, "", "True where nobody states it and shapes or names tell."),
        _c("known", pl.Boolean, "", "Whether the parent itself is in the scan."),
        _c("file", pl.String, "", "File the statement was read from."),
        _c("quote", pl.String, "", "Words that state it."),
        _c("note", pl.String, "", "Conflicts, broken cycles, corrections."),
    ),
    ("repo_id", "base_repo_id"),
)

ESTIMATES = Table(
    "estimates",
    "One row a repository: what is known of its size, data and training compute.",
    (
        REPO_ID,
        REVISION,
        _c("entity_id", pl.String, "", "Entity behind the namespace; see `entities`."),
        _c("model_id", pl.String, "", "Repository at the root: the large pre-training run."),
        _c("relation", RELATION, "", "How it was made from its base; `base` where from none."),
        _c("base_repo_id", pl.String, "", "Direct base; the first of several for a merge."),
        _c("depth", pl.Int32, "links", "Links to the root; 0 for a root."),
        _c("parameters_total", pl.Float64, "parameters", "All parameters."),
        _c("parameters_total_low", pl.Float64, "parameters", "Lower end, 90 % interval."),
        _c("parameters_total_high", pl.Float64, "parameters", "Upper end, 90 % interval."),
        _c("parameters_total_method", METHOD, "", "Where the total comes from."),
        _c("parameters_active", pl.Float64, "parameters", "Parameters used in a forward pass."),
        _c("parameters_active_method", METHOD, "", "Where the active count comes from."),
        _c("tokens", pl.Float64, "tokens", "Tokens seen in this repository's own training."),
        _c("tokens_low", pl.Float64, "tokens", "Lower end, 90 % interval."),
        _c("tokens_high", pl.Float64, "tokens", "Upper end, 90 % interval."),
        _c("tokens_method", METHOD, "", "Where the token count comes from."),
        _c("accelerator_hours", pl.Float64, "hours", "Accelerator-hours of its own training."),
        _c("accelerator_hours_method", METHOD, "", "Where the hours come from."),
        _c("accelerator_model", pl.String, "", "Accelerator, as named in data/accelerators.csv."),
        _c("utilisation", pl.Float64, "fraction", "Share of the peak rate: stated or assumed."),
        _c("direct_flop", pl.Float64, "FLOP", "Own passes that updated the weights."),
        _c("own_flop", pl.Float64, "FLOP", "What this repository added to its base."),
        _c("cumulative_flop", pl.Float64, "FLOP", "What Article 51(2) counts: base plus own."),
        _c("compute_flop", pl.Float64, "FLOP", "What a compute table would print: base plus own."),
        _c("compute_flop_low", pl.Float64, "FLOP", "Lower end of compute_flop, 90 % interval."),
        _c(
            "compute_flop_high",
            pl.Float64,
            "FLOP",
            "Upper end, 90 % interval; else an upper bound.",
        ),
        _c("compute_method", pl.String, "", "How: architecture, hardware, published, inherited."),
        _c("sigma_log10", pl.Float64, "log10 FLOP", "Spread of compute_flop, log-normal."),
        _c("architecture_flop", pl.Float64, "FLOP", "Own compute from parameters and tokens."),
        _c("hardware_flop", pl.Float64, "FLOP", "Own compute from accelerator-hours."),
        _c("methods_ratio", pl.Float64, "ratio", "hardware_flop / architecture_flop."),
        _c("own_to_base_ratio", pl.Float64, "ratio", "own_flop / compute of the original model."),
        _c("outputs", pl.List(pl.String), "", "What it generates; see data/pipeline_outputs.csv."),
        _c(
            "narrow", pl.List(pl.String), "", "Signs that it is narrow, such as transcription_only."
        ),
        _c("licence", pl.String, "", "Licence identifier after weighing card and metadata."),
        _c("gated", pl.String, "", "Access: `no`, `auto` or `manual`; null where unknown."),
        _c("created_at", TIME, "", "Creation time on the hub."),
        _c("downloads_30d", pl.Float64, "downloads", "Downloads of the last 30 days."),
        _c("likes", pl.Float64, "likes", "Likes on the hub."),
        _c(
            "flags",
            pl.List(pl.String),
            "",
            "Doubts, such as methods_disagree, and signs such as biological_sequences.",
        ),
        _c("skip_reason", pl.String, "", "Why compute_flop is null; null where it is not."),
    ),
    ("repo_id",),
)

VERDICT_TABLE = Table(
    "verdicts",
    "One row a repository, regime and rule: the rule's answer and its reason.",
    (
        REPO_ID,
        _c("model_id", pl.String, "", "Repository at the root: the large pre-training run."),
        _c("entity_id", pl.String, "", "Entity behind the namespace."),
        _c("regime", pl.String, "", "Rule set, as named in data/regimes."),
        _c("rule", pl.String, "", "Clause of the rule set."),
        _c("tier", pl.String, "", "What the rule decides, such as gpai or systemic."),
        _c("verdict", VERDICT, "", "in, out or unknown."),
        _c("probability", pl.Float64, "", "Probability of `in`; null where nothing is known."),
        _c("metric", pl.String, "", "Metric the rule tests."),
        _c("value", pl.Float64, "of the metric", "Value that was tested."),
        _c("threshold", pl.Float64, "of the metric", "Threshold of the rule."),
        _c("reason", pl.String, "", "Why, in words."),
    ),
    ("regime", "rule", "repo_id"),
)

ANSWERS = Table(
    "answers",
    "One row a regime, rule and counting unit: how many are in, out and unknown.",
    (
        _c("regime", pl.String, "", "Rule set."),
        _c("rule", pl.String, "", "Clause of the rule set, or `threshold`."),
        _c("tier", pl.String, "", "What the rule decides."),
        _c("metric", pl.String, "", "Metric the rule tests."),
        _c("comparator", pl.String, "", "`>` or `>=`, as the text has it."),
        _c("threshold", pl.Float64, "of the metric", "Threshold of the rule."),
        _c("unit", pl.String, "", "What is counted: models, or repositories with derivatives."),
        _c("models_in", pl.Int64, "models", "Counted units above, by point estimate."),
        _c("models_out", pl.Int64, "models", "Counted units not above."),
        _c("models_unknown", pl.Int64, "models", "Counted units nothing can be said about."),
        _c("entities_in", pl.Int64, "entities", "Entities with at least one unit above."),
        _c("entities_unknown", pl.Int64, "entities", "Entities none is above, some unknown."),
        _c("expected", pl.Float64, "models", "Expected number above: sum of probabilities."),
        _c("expected_low", pl.Float64, "models", "Lower end of the number above, 90 % interval."),
        _c("expected_high", pl.Float64, "models", "Upper end of the number above, 90 % interval."),
        _c("definition", pl.String, "", "What was counted, in words."),
    ),
    ("regime", "rule", "threshold", "unit"),
)

ENTITIES = Table(
    "entities",
    "One row a namespace: the entity behind it, as far as known.",
    (
        _c("namespace", pl.String, "", "Owner on the hub, lower case."),
        _c("entity_id", pl.String, "", "Entity; several namespaces may share one."),
        _c("entity", pl.String, "", "Display name of the entity."),
        _c("country", pl.String, "", "ISO 3166-1 alpha-2 code of establishment."),
        _c("eu_status", pl.String, "", "EU, EEA, UK, CH, non-EU or unknown."),
        _c("entity_type", pl.String, "", "company, academia, non-profit, government and others."),
        _c("role", pl.String, "", "developer, re-uploader, merger, …; a prior, not a verdict."),
        _c("source", pl.String, "", "Keys of data/sources.csv, or `namespace` where unmapped."),
        _c("status", pl.String, "", "verified, partly, secondary, unverified, conflict."),
    ),
    ("namespace",),
)

DOCUMENTATION = Table(
    "documentation",
    "One row a repository and element of Annexes XI and XII: whether the card states it.",
    (
        REPO_ID,
        _c("element", pl.String, "", "Element, as named in data/documentation_elements.csv."),
        _c("stated", pl.Boolean, "", "Whether the card states it."),
        _c("file", pl.String, "", "File that states it."),
        _c("line", pl.Int32, "", "Line that states it, counted from 1."),
        _c("quote", pl.String, "", "Words that state it."),
    ),
    ("repo_id", "element"),
)

PROBLEMS = Table(
    "problems",
    "One row a thing that could not be read: nothing is lost without a row here.",
    (
        _c("repo_id", pl.String, "", "Repository, where it could be told."),
        _c("file", pl.String, "", "File or stored page."),
        _c("reason", pl.String, "", "Kind of problem."),
        _c("detail", pl.String, "", "What was wrong, in words."),
    ),
    ("repo_id", "file", "reason"),
)

SCANS = Table(
    "scans",
    "One row a scan: what was read, when, with which rules, data and code.",
    (
        SCAN_ID,
        _c("source", pl.String, "", "Source that was read."),
        _c("as_of", TIME, "", "Time the scan speaks of: its boundary, or the newest change seen."),
        _c("code_version", pl.String, "", "Version of gpai-scan."),
        _c("data_version", pl.String, "", "Digest of the reference data used."),
        _c("rules_version", pl.String, "", "Digest of the rule sets used."),
        _c("settings", pl.String, "", "Settings of the run, JSON."),
        _c("repositories", pl.Int64, "repositories", "Repositories stored."),
        _c("quarantined", pl.Int64, "items", "Listed items that could not be read."),
        _c("shards_expected", pl.Int64, "shards", "Shards the manifest names."),
        _c("shards_present", pl.Int64, "shards", "Shards that are whole."),
        _c("complete", pl.Boolean, "", "Whether the completeness gate is met."),
    ),
    ("scan_id",),
)

CHANGE_KINDS: Final = ("new", "vanished", "verdict", "threshold", "figure")

# Why a row differs from the scan before.
CAUSES: Final = (
    "upstream",  # the repository itself was added, changed or removed
    "evidence",  # same revision, but other claims could be read
    "rules",  # the figures are the same, the rule set is not
    "reference_data",  # data/*.csv changed
    "code",  # gpai-scan changed
    "settings",  # the run was asked for something else
    "unexplained",  # nothing that is recorded differs
)
CHANGE_KIND = pl.Enum(list(CHANGE_KINDS))
CAUSE = pl.Enum(list(CAUSES))

CHANGES = Table(
    "changes",
    "One row a difference from the scan before, with its cause.",
    (
        REPO_ID,
        _c("model_id", pl.String, "", "Repository at the root: the large pre-training run."),
        _c("entity_id", pl.String, "", "Entity behind the namespace."),
        _c("change", CHANGE_KIND, "", "new, vanished, verdict, threshold or figure."),
        _c("regime", pl.String, "", "Rule set of a changed verdict."),
        _c("rule", pl.String, "", "Clause of a changed verdict."),
        _c("threshold", pl.Float64, "of the metric", "Line that was crossed."),
        _c("before", pl.String, "", "Verdict, or above, not above, unknown, in the scan before."),
        _c("after", pl.String, "", "The same in this scan."),
        _c("compute_flop_before", pl.Float64, "FLOP", "compute_flop in the scan before."),
        _c("compute_flop_after", pl.Float64, "FLOP", "compute_flop in this scan."),
        _c("cause", CAUSE, "", "What changed: upstream, evidence, rules, reference data, code."),
        _c("detail", pl.String, "", "The cause in words."),
        _c("previous_scan_id", pl.String, "", "The scan before."),
    ),
    ("change", "regime", "rule", "threshold", "repo_id"),
)
"""Made for a report from two scans; not stored in the database."""

TABLES: Final[tuple[Table, ...]] = (
    SCANS,
    LISTED,
    EVIDENCE,
    FACTS,
    LINEAGE,
    ESTIMATES,
    VERDICT_TABLE,
    ANSWERS,
    ENTITIES,
    DOCUMENTATION,
    PROBLEMS,
)
"""Tables that are stored. `DOCUMENTS` is not among them: texts of others are read, not kept."""


def stored(table: Table) -> Table:
    """The table as stored: with the scan that wrote each row in front."""
    if SCAN_ID in table.columns:
        return table
    return Table(table.name, table.about, (SCAN_ID, *table.columns), ("scan_id", *table.key))


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema with unit and meaning in each field's metadata."""
    base = table.empty().to_arrow().schema
    return pa.schema(
        [
            base.field(c.name).with_metadata({"unit": c.unit, "description": c.about})
            for c in table.columns
        ],
        metadata={"description": table.about},
    )
