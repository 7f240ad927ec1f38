-- How many repositories have parameters, tokens, hours and compute, and why do others have none?
-- $scan text = latest: the scan to answer from
with counted as (
    select
        count(*) as repositories,
        count(*) filter (where relation = 'base') as without_base,
        count(parameters_total) as with_parameters,
        count(tokens) as with_tokens,
        count(accelerator_hours) as with_accelerator_hours,
        count(compute_flop) as with_compute,
        count(*) filter (where relation = 'base' and compute_flop is not null)
            as models_with_compute
    from estimates
    where scan_id = $scan
),
steps as (
    select 1 as step, 'repositories' as kind, repositories as repositories from counted
    union all select 2, 'made from no other', without_base from counted
    union all select 3, 'with parameters', with_parameters from counted
    union all select 4, 'with tokens of their own training', with_tokens from counted
    union all select 5, 'with accelerator-hours', with_accelerator_hours from counted
    union all select 6, 'with training compute', with_compute from counted
    union all select 7, 'made from no other, with training compute', models_with_compute
    from counted
),
reasons as (
    select
        8 as step,
        'no compute: ' || skip_reason as kind,
        count(*) as repositories
    from estimates
    where scan_id = $scan and skip_reason is not null
    group by skip_reason
)
select kind, repositories from steps
union all
select kind, repositories from reasons
order by repositories desc, kind
