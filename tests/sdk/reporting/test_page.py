"""The page as a person sees it: opened in a real Chromium, wide and narrow, light and dark."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.by import By

from edgekit.benchmarks.statistics import percentile

PHONE, DESK = 360, 1100


@pytest.fixture
def opened(browser, page, requests):
    browser.get("about:blank")  # leaves the browser's own first page, and what that asks for
    requests(browser)
    browser.get_log("browser")
    _size(browser, DESK)
    _scheme(browser, "light")
    browser.get(page.as_uri())
    return browser


def _size(browser, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def _scheme(browser, value):
    feature = {"name": "prefers-color-scheme", "value": value}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def _colour(browser, element, name):
    return tuple(map(int, re.findall(r"\d+", element.value_of_css_property(name))[:3]))


def test_it_asks_for_nothing_and_has_no_errors(opened, page, requests):
    assert requests(opened) - {"data:,"} == {page.as_uri()}
    assert opened.get_log("browser") == []


def test_it_shows_what_was_measured(opened, results, bundle):
    shown = opened.find_element(By.ID, "summary").text
    assert bundle.manifest.name in shown
    for result in results:
        assert f"{result.latency.value:,.2f} us (measured)" in shown
    figures = opened.find_element(By.ID, "provenance").text
    assert "peak resident memory of the whole process" in figures
    reproduce = opened.find_element(By.ID, "reproduce").text
    assert results[0].model_sha256 in reproduce
    assert "--windows 3 --window-seconds 0.05 --threads 2" in reproduce


def test_every_section_can_be_reached_and_seen(opened, report):
    links = opened.find_elements(By.CSS_SELECTOR, "nav a")
    assert [link.text for link in links] == [section.title for section in report.sections]
    for section in report.sections:
        assert opened.find_element(By.ID, section.key).is_displayed()


def test_every_chart_has_a_text_and_its_numbers(opened, results):
    charts = opened.find_elements(By.CSS_SELECTOR, "figure")
    assert len(charts) >= 6
    for chart in charts:
        picture = chart.find_element(By.CSS_SELECTOR, "[role=img]")
        assert picture.size["height"] > 100
        assert len(picture.get_attribute("aria-label")) > 40
        details = chart.find_element(By.TAG_NAME, "details")
        details.find_element(By.TAG_NAME, "summary").click()
        assert details.find_element(By.TAG_NAME, "table").is_displayed()
    quarter = f"{percentile(results[0].samples_us, 25):,.2f}"
    assert any(quarter in chart.text for chart in charts)


def test_a_phone_shows_it_without_scrolling_sideways(opened):
    _size(opened, PHONE)
    width = opened.execute_script("return document.scrollingElement.scrollWidth")
    assert width <= PHONE
    sizes = opened.execute_script(
        "return [...document.querySelectorAll('.chart text')].map(t => t.getBoundingClientRect()"
        ".height).filter(height => height > 0)"
    )
    assert min(sizes) >= 8


def test_light_and_dark_follow_the_system(opened):
    body = opened.find_element(By.TAG_NAME, "body")
    letters = opened.find_element(By.CSS_SELECTOR, ".chart text")
    light = _colour(opened, body, "background-color"), _colour(opened, letters, "fill")
    _scheme(opened, "dark")
    dark = _colour(opened, body, "background-color"), _colour(opened, letters, "fill")
    assert np.mean(light[0]) > 200 > 100 > np.mean(light[1])
    assert np.mean(dark[0]) < 60 < 180 < np.mean(dark[1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screenshot_has_charts_in_the_colours_of_the_page(opened, scheme):
    _scheme(opened, scheme)
    chart = opened.find_element(By.CSS_SELECTOR, "#operators .chart")
    pixels = np.asarray(Image.open(io.BytesIO(chart.screenshot_as_png)).convert("RGB"), np.int32)
    wanted = {"light": (0x2F, 0x6D, 0xB2), "dark": (0x6A, 0xA9, 0xEC)}[scheme]
    bars = np.abs(pixels - wanted).max(axis=-1) < 12
    assert 0.02 < bars.mean() < 0.7
    placeholders = (pixels[..., 1] == 0xF0) & (pixels[..., 0] == 0)
    assert not placeholders.any()
