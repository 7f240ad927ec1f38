-- Which verdicts say in although the tested value is unknown and no probability supports it?
-- $scan text: the scan to check
select
    regime,
    rule,
    repo_id
from verdicts
where scan_id = $scan
    and verdict = 'in'
    and value is null
    and probability is null
    and reason is null
order by regime, rule, repo_id
