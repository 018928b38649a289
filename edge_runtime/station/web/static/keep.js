// Puts a fresh page in the place of the one that is shown, around whoever is in the middle of it: what is
// open stays open, what is typed stays typed, and the cursor stays where it was.
"use strict";
(function () {
  var PAUSE = 700; // milliseconds after a key, so that nothing is put in the place of a word half written
  var composing = false, pressed = false, touched = 0;

  function touch() { touched = Date.now(); }
  document.addEventListener("input", touch, true);
  document.addEventListener("mousedown", function (event) { if (event.target.tagName === "SELECT") { touched = Date.now() + 5000; } }, true);
  document.addEventListener("change", function () { touched = 0; }, true); // a choice is made, its list is gone
  document.addEventListener("pointerdown", function () { pressed = true; }, true); // a button may be half pressed
  ["pointerup", "pointercancel"].forEach(function (end) {
    document.addEventListener(end, function () { pressed = false; }, true);
  });
  document.addEventListener("compositionstart", function () { composing = true; });
  document.addEventListener("compositionend", function () { composing = false; });

  function all(within, what) { return Array.prototype.slice.call(within.querySelectorAll(what)); }

  // Names a form by what it does to what: it may stand elsewhere on the fresh page.
  function nameOf(form) {
    return [form.getAttribute("action")].concat(all(form, "input[type=hidden]").filter(function (field) {
      return field.name !== "token" && field.name !== "back";
    }).map(function (field) { return field.name + "=" + field.value; })).join(" ");
  }

  function isTick(field) { return field.type === "radio" || field.type === "checkbox"; }

  function isChanged(field) {
    if (isTick(field)) { return field.checked !== field.defaultChecked; }
    if (field.tagName !== "SELECT") { return field.value !== field.defaultValue; }
    var first = firstOf(field);
    return !!first && field.value !== first.value;
  }

  function firstOf(select) {
    var options = Array.prototype.slice.call(select.options);
    return options.filter(function (option) { return option.defaultSelected; })[0] || options[0];
  }

  // Gives what is saved of a field: of several that exclude each other it is which of them.
  function savedOf(field) {
    if (field.type === "radio") {
      var of = all(field.form, "input[type=radio]").filter(function (other) { return other.name === field.name && other.defaultChecked; })[0];
      return of ? of.value : "";
    }
    if (field.type === "checkbox") { return String(field.defaultChecked); }
    if (field.tagName !== "SELECT") { return field.defaultValue; }
    var first = firstOf(field);
    return first ? first.value : "";
  }

  // Names a field: its form, its own name, and of several by one name which it is.
  function placeOf(field) {
    var form = field.form || null;
    var which = isTick(field) || field.tagName === "BUTTON" ? field.value : "";
    return { form: form ? nameOf(form) : "", name: field.name, tag: field.tagName, which: which };
  }

  function find(within, place) {
    return all(within, "input:not([type=hidden]), select, textarea, button").filter(function (field) {
      var other = placeOf(field);
      return other.form === place.form && other.name === place.name && other.tag === place.tag && other.which === place.which;
    })[0];
  }

  function typedIn(within) {
    return all(within, "input:not([type=hidden]), select, textarea").filter(function (field) {
      return field.form && isChanged(field);
    }).map(function (field) { return { place: placeOf(field), value: field.value, checked: field.checked, saved: savedOf(field) }; });
  }

  // Says where the cursor is: how to find that place on the fresh page, and what is marked there.
  function cursorIn(within) {
    var at = document.activeElement;
    if (!at || at === document.body || !within.contains(at)) { return null; }
    var cursor = { id: at.id, top: at.getBoundingClientRect().top };
    if (at.form) { cursor.place = placeOf(at); }
    if (at.tagName === "SUMMARY") { cursor.details = at.parentNode.id; }
    if (at.tagName === "A") { cursor.href = at.getAttribute("href"); }
    try { cursor.marked = [at.selectionStart, at.selectionEnd, at.selectionDirection]; } catch (error) { /* none there */ }
    return cursor;
  }

  function putCursor(within, cursor) {
    var at = cursor.id ? document.getElementById(cursor.id) : null;
    if (!at && cursor.place) { at = find(within, cursor.place); }
    if (!at && cursor.details) { at = within.querySelector("#" + cursor.details + " > summary"); }
    if (!at && cursor.href) { at = all(within, "a").filter(function (link) { return link.getAttribute("href") === cursor.href; })[0]; }
    if (!at) { return; }
    at.focus({ preventScroll: true });
    if (cursor.marked && cursor.marked[0] !== null && at.setSelectionRange) {
      try { at.setSelectionRange.apply(at, cursor.marked); } catch (error) { /* it takes none */ }
    }
    window.scrollBy(0, at.getBoundingClientRect().top - cursor.top);
  }

  // Gives "typed" where what is typed would be lost, "busy" where somebody is at it, else "".
  function reasonToWait(now, then) {
    if (typedIn(now).some(function (typed) { return !find(then, typed.place); })) { return "typed"; }
    return composing || pressed || Date.now() - touched < PAUSE ? "busy" : "";
  }

  function fill(field, typed) {
    if (isTick(field)) { field.checked = typed.checked; } else { field.value = typed.value; }
  }

  window.keep = {
    reasonToWait: reasonToWait,
    nameOf: nameOf,
    typedIn: typedIn,
    // Puts back what was typed on a page of before, where what is saved is still what it was; says whether.
    putBack: function (now, typed) {
      var field = find(now, typed.place), folded = field && field.closest("details");
      if (!field || savedOf(field) !== typed.saved) { return false; }
      fill(field, typed);
      if (folded && isChanged(field)) { folded.open = true; }
      return isChanged(field);
    },
    swap: function (now, then) {
      var typed = typedIn(now), cursor = cursorIn(now);
      var open = all(now, "details[open][id]").map(function (details) { return details.id; });
      now.innerHTML = then.innerHTML;
      open.forEach(function (id) {
        var details = document.getElementById(id);
        if (details) { details.open = true; }
      });
      typed.forEach(function (each) {
        fill(find(now, each.place), each);
      });
      if (cursor) { putCursor(now, cursor); }
    }
  };
})();
