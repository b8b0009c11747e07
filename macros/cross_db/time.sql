{#- Elapsed days between two instants, as a double: seconds / 86,400, never calendar days. -#}
{% macro days_between(start, stop) -%}
    {{ adapter.dispatch('days_between')(start, stop) }}
{%- endmacro %}

{% macro default__days_between(start, stop) -%}
    cast(extract(epoch from ({{ stop }} - {{ start }})) as double precision) / 86400
{%- endmacro %}

{% macro duckdb__days_between(start, stop) -%}
    (epoch_us({{ stop }}) - epoch_us({{ start }})) / 86400000000.0
{%- endmacro %}

{% macro spark__days_between(start, stop) -%}
    (unix_micros({{ stop }}) - unix_micros({{ start }})) / cast(86400000000 as double)
{%- endmacro %}

{#- An instant moved by a number of days held in a column. -#}
{% macro add_days(instant, days) -%}
    {{ instant }} + {{ days }} * interval '1 day'
{%- endmacro %}

{#- A date moved by a whole number of months; the last day of a shorter month where needed. -#}
{% macro add_months(day, months) -%}
    cast({{ day }} + interval '{{ months }} months' as date)
{%- endmacro %}

{#- The first days of all months from start to stop, one row each, as a subquery with column month_start. -#}
{% macro month_spine(start, stop) -%}
    {{ adapter.dispatch('month_spine')(start, stop) }}
{%- endmacro %}

{% macro default__month_spine(start, stop) -%}
    (
        select cast(month_start as date) as month_start
        from generate_series(
            cast({{ start }} as timestamp), cast({{ stop }} as timestamp), interval '1 month'
        ) as months (month_start)
    )
{%- endmacro %}

{% macro spark__month_spine(start, stop) -%}
    (
        select explode(
            sequence(cast({{ start }} as date), cast({{ stop }} as date), interval 1 month)
        ) as month_start
    )
{%- endmacro %}

{#- All days from start to stop, one row each, as a subquery with column day. -#}
{% macro day_spine(start, stop) -%}
    {{ adapter.dispatch('day_spine')(start, stop) }}
{%- endmacro %}

{% macro default__day_spine(start, stop) -%}
    (
        select cast(day as date) as day
        from generate_series(
            cast({{ start }} as timestamp), cast({{ stop }} as timestamp), interval '1 day'
        ) as days (day)
    )
{%- endmacro %}

{% macro spark__day_spine(start, stop) -%}
    (
        select explode(
            sequence(cast({{ start }} as date), cast({{ stop }} as date), interval 1 day)
        ) as day
    )
{%- endmacro %}

{#- A date moved by a whole number of days. -#}
{% macro add_days_to_date(day, days) -%}
    cast({{ day }} + interval '{{ days }} days' as date)
{%- endmacro %}

{#- Text as an instant in UTC, null where it is none. Text without an offset is UTC. -#}
{% macro safe_timestamp(text) -%}
    {{ adapter.dispatch('safe_timestamp')(text) }}
{%- endmacro %}

{#- PostgreSQL ends the query at text that is no moment: what passes here is one, but for the last days of a month. -#}
{% macro default__safe_timestamp(text) -%}
    case
        when {{ text }} ~ (
            '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
            || '([T ](([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?|24:00(:00([.]0+)?)?)'
            || '(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?$'
        )
            then case
                when cast(substr({{ text }}, 9, 2) as integer) <= extract(
                    day from cast(substr({{ text }}, 1, 8) || '01' as date) + interval '1 month' - interval '1 day'
                )
                    then cast({{ text }} as timestamp with time zone) at time zone 'UTC'
            end
    end
{%- endmacro %}

{% macro duckdb__safe_timestamp(text) -%}
    (try_cast({{ text }} as timestamp with time zone) at time zone 'UTC')
{%- endmacro %}

{% macro spark__safe_timestamp(text) -%}
    case
        when {{ text }} rlike r'^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$'
            -- An offset of hours alone is none to Spark, nor is the end of a day a time.
            then
                try_cast(
                    regexp_replace(
                        regexp_replace({{ text }}, r'([ T][0-9:.]+[+-][0-9]{2})$', '$1:00'),
                        r'(?<=[ T])24(?=:00(:00([.]0*)?)?(Z|[+-]|$))',
                        '00'
                    ) as timestamp
                )
                + case
                    when {{ text }} rlike r'[ T]24:00(:00([.]0*)?)?(Z|[+-]|$)' then interval '1' day
                    else interval '0' day
                end
    end
{%- endmacro %}
