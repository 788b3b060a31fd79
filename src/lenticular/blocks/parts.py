"""Pieces of HTML that most templates need, as Jinja macros: `{% from "parts" import picture, button, heading %}`."""

from __future__ import annotations

NAME = "parts"

PARTS = """\
{%- macro picture(p, sizes='100vw', first=false) -%}
{% if p.sources %}<picture class="lt-picture">{% for type, srcset in p.sources %}\
<source type="{{ type }}" srcset="{{ srcset }}" sizes="{{ sizes }}">{% endfor %}{% endif %}\
<img class="lt-img{% if p.focus %} lt-fx-{{ (p.focus.x * 4) | round | int }} lt-fy-{{ (p.focus.y * 4) | round | int }}\
{% endif %}" src="{{ p.src }}" alt="{{ p.alt }}"\
{% if p.srcset %} srcset="{% for w, a in p.srcset | dictsort if a %}{{ a }} {{ w }}w{{ ', ' if not loop.last }}\
{% endfor %}" sizes="{{ sizes }}"{% endif %}\
{% if p.width and p.height %} width="{{ p.width }}" height="{{ p.height }}"{% endif %}\
{% if first %} fetchpriority="high"{% else %} loading="lazy" decoding="async"{% endif %}>\
{% if p.sources %}</picture>{% endif %}
{%- endmacro -%}
{%- macro button(a, style='primary') -%}
{%- if a and a.label and a.url -%}
<a class="lt-button lt-button-{{ style }}" href="{{ a.url }}">{{ a.label }}</a>
{%- endif -%}
{%- endmacro -%}
{%- macro heading(level, text, id='', class='') -%}
{%- if text -%}
<h{{ level }} class="lt-h {{ class }}"{% if id %} id="{{ id }}"{% endif %}>{{ text }}</h{{ level }}>
{%- endif -%}
{%- endmacro -%}
{%- macro card(item, level, sizes='(min-width: 700px) 33vw, 100vw') -%}
<article class="lt-card" data-lenticular-item="{{ item.key }}">
{% if item.image %}<div class="lt-card-picture">{{ picture(item.image, sizes) }}</div>{% endif %}
<div class="lt-card-text">
{% if item.title %}<h{{ level }} class="lt-h lt-card-title">
{%- if item.link %}<a href="{{ item.link.url }}">{{ item.title }}</a>{% else %}{{ item.title }}{% endif -%}
</h{{ level }}>{% endif %}
{% if item.date %}<p class="lt-small">{{ item.date }}</p>{% endif %}
{% if item.text %}<div class="lt-text">{{ item.text }}</div>{% endif %}
{% if item.price %}<p class="lt-price">{{ item.price }}</p>{% endif %}
{% if item.link and item.link.label %}\
<p class="lt-card-more"><span class="lt-more" aria-hidden="true">{{ item.link.label }}</span></p>{% endif %}
</div>
</article>
{%- endmacro -%}
"""
