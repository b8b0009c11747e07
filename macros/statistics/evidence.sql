{#-
What tries prove that came in clusters, repeats of one prompt. `clusters` is a relation with one row per cluster: the
columns named in `keys`, successes and judged. Returns a select with one row per `keys`: successes, judged, prompts
(clusters with a judged try), rate (0..1, null where nothing was judged), effective_n (see effective_n), and for exact
bounds and tests the same in whole independent prompts: n, never more than prompts, and k of them, rounded up against
the system: twenty repeats of one prompt are one.
-#}
{% macro independent_evidence(clusters, keys) -%}
    {%- if is_linting() %}{{ return('select * from ' ~ clusters) }}{% endif -%}
    {%- set columns = keys | join(', ') -%}
    with totals as (
        select
            {{ columns }},
            sum(successes) as successes,
            sum(judged) as judged,
            count(case when judged > 0 then 1 end) as prompts
        from {{ clusters }}
        group by {{ columns }}
    ),

    spread as (
        select
            {% for key in keys %}totals.{{ key }},
            {% endfor -%}
            totals.successes,
            totals.judged,
            totals.prompts,
            {{ squared_residuals(
                'clusters.successes', 'clusters.judged', 'totals.successes', 'totals.judged'
            ) }} as squared_residuals
        from totals
        inner join {{ clusters }} as clusters
            on
                {% for key in keys -%}
                totals.{{ key }} = clusters.{{ key }}{{ ' and ' if not loop.last }}
                {%- endfor %}
        group by {% for key in keys %}totals.{{ key }}, {% endfor %}totals.successes, totals.judged, totals.prompts
    ),

    measured as (
        select
            {{ columns }},
            successes,
            judged,
            prompts,
            cast(successes as {{ type_double() }}) / nullif(judged, 0) as rate,
            {{ effective_n('successes', 'judged', 'prompts', 'squared_residuals') }} as effective_n
        from spread
    ),

    -- The spread of n prompts about their own rate is short by one: n tried once each are n.
    whole as (
        select
            *,
            case
                when judged > 0 then floor(least(effective_n + 1, prompts) + 1e-9)
                else 0
            end as n
        from measured
    )

    select
        {{ columns }},
        cast(successes as bigint) as successes,
        cast(judged as bigint) as judged,
        cast(prompts as bigint) as prompts,
        rate,
        cast(effective_n as {{ type_double() }}) as effective_n,
        cast(n as bigint) as n,
        cast(coalesce(ceiling(rate * n - 1e-9), 0) as bigint) as k
    from whole
{%- endmacro %}
