"""What axe-core says of an open page, without taking the page's policy off."""

from importlib.resources import files

#: The rules of WCAG 2.2 AA and those that are good practice.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_RUN = """axe.run(document, {runOnly: %r, resultTypes: ['violations']}).then(found => ({
    passed: found.passes.length,
    wrong: found.violations.filter(each => ['serious', 'critical'].includes(each.impact)).map(
        each => `${each.id}: ${each.nodes.map(node => node.html.slice(0, 150)
            + ' ' + node.any.map(check => check.message).join(' ')).join('\\n    ')}`)}))"""


def violations(browser):
    """List the serious and critical violations of the page that is open.

    axe-core runs in a world of its own, as an extension's script does: the page's policy, under
    which none but the station's scripts run, stays as it is.
    """
    frame = browser.execute_cdp_cmd("Page.getFrameTree", {})["frameTree"]["frame"]["id"]
    world = browser.execute_cdp_cmd("Page.createIsolatedWorld", {"frameId": frame})
    context = {"contextId": world["executionContextId"]}
    source = files("selenium_axe_python").joinpath("axe-core", "axe.min.js").read_text("utf-8")
    for expression in (source, _RUN % _TAGS):
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True, **context}
        answer = browser.execute_cdp_cmd("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer
    found = answer["result"]["value"]
    assert found["passed"] > 10, "axe-core has looked at nothing"
    return found["wrong"]
