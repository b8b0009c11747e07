{#-
Does a series rise or fall beyond chance, and how fast? Mann-Kendall (Mann 1945, Kendall 1975), corrected for ties
and for continuity, and the median slope of Theil and Sen (Sen 1968); pymannkendall original_test.

`points` is a relation with one row per point: the columns named in `by`, `position` (a number: the index of the
month; two points of a series never share one) and `value`. A null value takes its place and gives no point. Returns
a select with one row per `by`: points, score (S), score_variance, z, p (two-sided), slope (per position). z, p and
slope are null below `least_points` points: no trend is shown. Points that are all alike have z 0 and p 1.
-#}
{% macro mann_kendall(points, by, least_points=8) -%}
    {%- set series = by | join(', ') -%}
    with valued as (
        select
            {{ series }},
            cast(position as {{ type_double() }}) as position,
            cast(value as {{ type_double() }}) as value
        from {{ points }}
        where value is not null and position is not null
    ),

    pairs as (
        select
            {% for column in by %}older.{{ column }},
            {% endfor -%}
            sign(newer.value - older.value) as direction,
            (newer.value - older.value) / (newer.position - older.position) as slope
        from valued as older
        inner join valued as newer
            on
                {% for column in by %}older.{{ column }} = newer.{{ column }}
                and {% endfor %}older.position < newer.position
    ),

    directions as (
        select
            {{ series }},
            cast(sum(direction) as {{ type_double() }}) as score,
            percentile_cont(0.5) within group (order by slope) as slope
        from pairs
        group by {{ series }}
    ),

    groups_of_ties as (
        select
            {{ series }},
            cast(count(*) as {{ type_double() }}) as tied
        from valued
        group by {{ series }}, value
    ),

    sizes as (
        select
            {{ series }},
            sum(tied) as points,
            (
                sum(tied) * (sum(tied) - 1) * (2 * sum(tied) + 5)
                - sum(tied * (tied - 1) * (2 * tied + 5))
            ) / 18 as score_variance
        from groups_of_ties
        group by {{ series }}
    ),

    scored as (
        select
            {% for column in by %}sizes.{{ column }},
            {% endfor -%}
            sizes.points,
            coalesce(directions.score, 0) as score,
            sizes.score_variance,
            case
                when sizes.points < {{ least_points }} then null
                when coalesce(directions.score, 0) = 0 then 0
                else (directions.score - sign(directions.score)) / sqrt(sizes.score_variance)
            end as z,
            case when sizes.points >= {{ least_points }} then directions.slope end as slope
        from sizes
        left join directions
            on
                {% for column in by %}{{ 'and ' if not loop.first -}}
                sizes.{{ column }} = directions.{{ column }}
                {% endfor %}
    )

    select
        {{ series }},
        cast(points as bigint) as points,
        score,
        score_variance,
        z,
        2 * {{ normal_upper('abs(z)') }} as p,
        slope
    from scored
{%- endmacro %}
