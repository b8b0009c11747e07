{#-
The q value of every test of a family: the smallest share of false alarms among the alarms at which this test is still
one (Benjamini and Hochberg 1995; scipy.stats.false_discovery_control). q = least(1, p * tests / rank), and never more
than that of a less likely chance.

`tests` is a relation with one row per test: the columns named in `keys`, those in `family`, and p (0..1). Every
test that was made belongs to the family, also one with p = 1. Returns a select of keys, family, p and q; a null p
was not tested, does not count and has no q. The order of rows and equal p make no difference.
-#}
{% macro benjamini_hochberg(tests, keys, family) -%}
    {%- set columns = (keys + family) | join(', ') -%}
    {%- set families = 'partition by ' ~ family | join(', ') -%}
    with ranked as (
        select
            {{ columns }},
            p,
            cast(p as {{ type_double() }}) * count(p) over ({{ families }})
            / nullif(count(p) over ({{ families }} order by p), 0) as scaled
        from {{ tests }}
    )

    select
        {{ columns }},
        p,
        case
            when p is not null
                then least(1, min(scaled) over ({{ families }} order by p desc))
        end as q
    from ranked
{%- endmacro %}
