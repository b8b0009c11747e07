{#-
How long until it happens, when for some it has not yet happened: a mean over those for which it has is too short.
Kaplan and Meier (1958), as lifelines.KaplanMeierFitter.

`observations` is a relation with one row per thing (finding): the columns named in `by`, `time` (how long it was
watched, 0 or more, in any unit: days from report to fix, or to the date of the build) and `event` (1 it happened
then, 0 it had not happened yet: open, or its risk was accepted). Rows without a time, or with a negative one, are
left out.
-#}

{#-
The curve. Returns a select with one row per `by` and distinct time: at_risk (watched for that long or longer),
events, censored, survival (the share for which it takes longer than time), greenwood (the variance of ln survival),
interval_low and interval_high (95 %, on the log-log scale: never outside 0..1). What happens and what is last seen
at the same time: the first comes first. Where survival is 0 it is exactly 0, and greenwood and the interval are
null.
-#}
{% macro kaplan_meier(observations, by) -%}
    {%- if is_linting() %}{{ return('select * from ' ~ observations) }}{% endif -%}
    {%- set groups = by | join(', ') -%}
    {%- set so_far = 'over (partition by ' ~ groups ~ ' order by time)' -%}
    with leaving as (
        select
            {{ groups }},
            cast(time as {{ type_double() }}) as time,
            cast(count(*) as {{ type_double() }}) as things,
            cast(sum(event) as {{ type_double() }}) as events
        from {{ observations }}
        where time >= 0
        group by {{ groups }}, cast(time as {{ type_double() }})
    ),

    watched as (
        select
            {{ groups }},
            time,
            sum(things) over (partition by {{ groups }} order by time desc) as at_risk,
            events,
            things - events as censored
        from leaving
    ),

    -- Not every engine has a product over a window. A sum of logarithms never reaches 0.
    curve as (
        select
            {{ groups }},
            time,
            at_risk,
            events,
            censored,
            case
                when min(at_risk - events) {{ so_far }} = 0 then 0
                else exp(sum(ln(nullif(1 - events / at_risk, 0))) {{ so_far }})
            end as survival,
            case
                when min(at_risk - events) {{ so_far }} > 0
                    then sum(events / nullif(at_risk * (at_risk - events), 0)) {{ so_far }}
            end as greenwood
        from watched
    )

    select
        {{ groups }},
        time,
        cast(at_risk as bigint) as at_risk,
        cast(events as bigint) as events,
        cast(censored as bigint) as censored,
        survival,
        greenwood,
        {%- for column, sign in [('interval_low', '-'), ('interval_high', '+')] %}
        case
            when greenwood = 0 then 1
            when greenwood > 0
                then power(survival, exp({{ sign }}1.959963984540054 * sqrt(greenwood) / ln(survival)))
        end as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from curve
{%- endmacro %}

{#-
Its median. Returns a select with one row per `by`: observations, events, excluded (no usable time), median (the
first time at which for half of the things it has happened), median_low and median_high (where the interval of the
curve crosses one half), longest (the longest time watched), and with a `horizon` (a number) done_by_horizon, the
share for which it happened by then. A median that is not reached is null and shown as "more than longest"; so is an
end of its interval. done_by_horizon is null where nothing was watched for so long and not everything had happened
before.
-#}
{% macro kaplan_meier_median(observations, by, horizon=none) -%}
    {%- if is_linting() %}{{ return('select * from ' ~ observations) }}{% endif -%}
    {%- set groups = by | join(', ') -%}
    with curve as (
        {{ kaplan_meier(observations, by) }}
    ),

    sizes as (
        select
            {{ groups }},
            sum(case when time >= 0 then 1 else 0 end) as observations,
            sum(case when time >= 0 then event else 0 end) as events,
            sum(case when time >= 0 then 0 else 1 end) as excluded
        from {{ observations }}
        group by {{ groups }}
    ),

    crossings as (
        select
            {{ groups }},
            -- Rounding leaves 0.5000000000000001 of one half.
            min(case when survival <= 0.5 + 1e-9 then time end) as median,
            min(case when interval_low <= 0.5 + 1e-9 then time end) as median_low,
            min(case when interval_high <= 0.5 + 1e-9 then time end) as median_high,
            {%- if horizon is not none %}
            min(survival) as last_survival,
            coalesce(min(case when time <= {{ horizon }} then survival end), 1) as horizon_survival,
            {%- endif %}
            max(time) as longest
        from curve
        group by {{ groups }}
    )

    select
        {% for column in by %}sizes.{{ column }},
        {% endfor -%}
        cast(sizes.observations as bigint) as observations,
        cast(sizes.events as bigint) as events,
        cast(sizes.excluded as bigint) as excluded,
        crossings.median,
        crossings.median_low,
        crossings.median_high,
        {%- if horizon is not none %}
        case
            when crossings.longest >= {{ horizon }} or crossings.last_survival = 0
                then 1 - crossings.horizon_survival
        end as done_by_horizon,
        {%- endif %}
        crossings.longest
    from sizes
    left join crossings
        on
            {% for column in by %}{{ 'and ' if not loop.first -}}
            sizes.{{ column }} = crossings.{{ column }}
            {% endfor %}
{%- endmacro %}
