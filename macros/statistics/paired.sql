{#-
Two runs of the same prompts, paired by prompt (Student 1908; scipy.stats.ttest_1samp of the differences): repeats
of one prompt are alike, so the prompt is what is counted.

`pairs` is a relation with one row per prompt: the columns named in `by`, and `rate_before` and `rate_after` (0..1, or
any other measure). Prompts without both are left out and counted. Returns a select with one row per `by`:
prompts, unpaired_prompts, difference (mean of after - before), standard_error, t, interval_low, interval_high (95 %),
p_increase (one-sided), p_two_sided.
A single prompt, or prompts that all differ by the same, show no spread to judge by: from standard_error, respectively
t, on everything is null. Beyond 200 prompts the quantile is the normal one.
-#}
{% macro paired_by_prompt(pairs, by) -%}
    {%- if is_linting() %}{{ return('select * from ' ~ pairs) }}{% endif -%}
    with differences as (
        select
            {{ by | join(', ') }},
            cast(rate_after as {{ type_double() }}) - cast(rate_before as {{ type_double() }}) as difference
        from {{ pairs }}
    ),

    sums as (
        select
            {{ by | join(', ') }},
            cast(count(difference) as {{ type_double() }}) as prompts,
            count(*) - count(difference) as unpaired_prompts,
            {{ exact_mean('difference') }} as difference,
            -- 0.15 - 0.10 is not quite 0.20 - 0.15: what rounding adds is no spread.
            case
                when count(difference) < 2 then null
                when max(difference) - min(difference) < 1e-12 then 0
                else {{ sorted_aggregate('stddev_samp', 'difference') }}
                    / sqrt(cast(count(difference) as {{ type_double() }}))
            end as standard_error
        from differences
        group by {{ by | join(', ') }}
    ),

    tested as (
        select
            {% for column in by %}sums.{{ column }},
            {% endfor -%}
            sums.prompts,
            sums.unpaired_prompts,
            sums.difference,
            sums.standard_error,
            sums.difference / nullif(sums.standard_error, 0) as t,
            case when sums.prompts > 1 then sums.prompts - 1 end as df,
            nullif(sums.standard_error, 0) * coalesce(t_critical_values.t_975, 1.959963984540054) as margin
        from sums
        left join {{ ref('t_critical_values') }} as t_critical_values
            on sums.prompts = t_critical_values.clusters
    ),

    tails as (
        select
            *,
            {{ student_t_upper('t', 'df') }} as p_increase
        from tested
    )

    select
        {% for column in by %}{{ column }},
        {% endfor -%}
        cast(prompts as bigint) as prompts,
        unpaired_prompts,
        difference,
        standard_error,
        t,
        difference - margin as interval_low,
        difference + margin as interval_high,
        p_increase,
        2 * least(p_increase, 1 - p_increase) as p_two_sided
    from tails
{%- endmacro %}

{#- A bound of how a rate changed: Student's interval of few prompts may reach beyond what a rate can change. -#}
{% macro change_of_rate(bound) -%}
    case when {{ bound }} < -1 then -1 when {{ bound }} > 1 then 1 else {{ bound }} end
{%- endmacro %}
