{#- An individuals chart (XmR) of each series: the mean of its first twelve points +- 2.66 (3 / 1.128)
    times the mean moving range between neighbours among them. Those limits stay; with fewer than
    eight points there are none. Adds centre, limit_low, limit_high (kept within `lowest` and
    `highest`) and side_of_eight: 8 or -8 where this point and the seven before it lie above or
    below the centre. Wheeler and Chambers, Understanding Statistical Process Control, 1992. -#}
{% macro individuals_chart(points, keys, ordered_by, value, lowest, highest) -%}
    {%- set series = keys | join(', ') -%}
    select
        *,
        sum(side) over (
            partition by {{ series }}
            order by {{ ordered_by }}
            rows between 7 preceding and current row
        ) as side_of_eight
    from (
        select
            *,
            case
                when centre is not null
                    then greatest(centre - 2.66 * mean_moving_range, {{ lowest }})
            end as limit_low,
            case
                when centre is not null
                    then least(centre + 2.66 * mean_moving_range, {{ highest }})
            end as limit_high,
            sign({{ value }} - centre) as side
        from (
            select
                *,
                case
                    when points_measured >= 8
                        then
                            sum(case when place <= 12 then {{ value }} end) over (
                                partition by {{ series }}
                                order by place
                                rows between unbounded preceding and unbounded following
                            )
                            / count(case when place <= 12 then 1 end)
                                over (partition by {{ series }})
                end as centre,
                sum(case when place <= 12 then moving_range end) over (
                    partition by {{ series }}
                    order by place
                    rows between unbounded preceding and unbounded following
                )
                / nullif(
                    count(case when place <= 12 then moving_range end)
                        over (partition by {{ series }}),
                    0
                ) as mean_moving_range
            from (
                select
                    *,
                    row_number() over (
                        partition by {{ series }} order by {{ ordered_by }}
                    ) as place,
                    count(*) over (partition by {{ series }}) as points_measured,
                    abs(
                        {{ value }} - lag({{ value }}) over (
                            partition by {{ series }} order by {{ ordered_by }}
                        )
                    ) as moving_range
                from {{ points }}
            ) as neighbours
        ) as centred
    ) as limited
{%- endmacro %}
