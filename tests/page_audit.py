"""What every page of ours must be like, measured in a browser: each function lists what is wrong; an empty list is right."""

_VISIBLE = """
// The page and, inside it, whatever stands in a shadow.
function roots(root = document) {
  const inner = Array.from(root.querySelectorAll('*')).filter(el => el.shadowRoot).flatMap(el => roots(el.shadowRoot));
  return [root, ...inner];
}
function all(selector) { return roots().flatMap(root => Array.from(root.querySelectorAll(selector))); }
function above(el) { return el.assignedSlot || el.parentElement || (el.getRootNode().host || null); }
function visible(el) {
  const box = el.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return false;
  if (el.checkVisibility && !el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  return !el.closest('.skip, [hidden]');
}
function texts() {
  const found = [];
  for (const root of roots()) {
    const walker = document.createTreeWalker(root === document ? document.body : root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const el = walker.currentNode.parentElement;
      if (walker.currentNode.textContent.trim() && !['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE'].includes(el.tagName) && visible(el)) {
        found.push([el, walker.currentNode.textContent.trim()]);
      }
    }
  }
  return found;
}
"""


def small_text(page, least=11):
    """Visible text, in charts too, below so many pixels on the screen: an SVG that is scaled down is measured as it appears."""
    return page.evaluate(
        "least => {" + _VISIBLE + """
        return texts().map(([el, text]) => {
          let size = parseFloat(getComputedStyle(el).fontSize);
          const svg = el.closest('svg');
          if (svg && svg.viewBox.baseVal && svg.viewBox.baseVal.width) size *= svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
          return [text, size];
        }).filter(([, size]) => size < least - 0.05).map(([text, size]) => `${text.slice(0, 40)}: ${size.toFixed(1)} px`);
        }""", least)  # fmt: skip


def low_contrast(page, least=4.5):
    """Visible text that stands out less than so from what is behind it (WCAG)."""
    return page.evaluate(
        "least => {" + _VISIBLE + """
        const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
        const pen = canvas.getContext('2d', { willReadFrequently: true });
        function rgba(colour) {
          pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
          const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
        }
        function over(top, under) { return [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])); }
        function behind(el) {
          const layers = [];
          for (let at = el; at; at = above(at)) {
            const colour = rgba(getComputedStyle(at).backgroundColor);
            if (colour[3] > 0) layers.push(colour);
            if (colour[3] === 1) break;
          }
          const white = matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
          return layers.reverse().reduce((under, top) => over(top, under), white);
        }
        function light(c) {
          const [r, g, b] = c.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        }
        const wrong = [];
        for (const [el, text] of texts()) {
          const style = getComputedStyle(el), back = behind(el);
          const colour = rgba(el.namespaceURI.endsWith('/svg') ? style.fill : style.color);
          const a = light(over(colour, back)), b = light(back);
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < least) wrong.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
        }
        return wrong;
        }""", least)  # fmt: skip


def overlapping_labels(page):
    """Pairs of texts of one chart that lie on each other; a turned text as it is turned, not the upright box around it."""
    return page.evaluate(
        "() => {" + _VISIBLE + """
        const wrong = [];
        all('svg').forEach(svg => {
          const all = Array.from(svg.querySelectorAll('text')).filter(t => t.textContent.trim() && visible(t));
          const corners = all.map(t => {
            const b = t.getBBox(), m = t.getScreenCTM();
            return [[0, 0], [1, 0], [1, 1], [0, 1]].map(([x, y]) => new DOMPoint(b.x + x * b.width, b.y + y * b.height).matrixTransform(m));
          });
          // how far two boxes reach into each other along one direction
          function into(a, b, x, y) {
            const [p, q] = [a, b].map(c => c.map(point => point.x * x + point.y * y));
            return Math.min(Math.max(...p), Math.max(...q)) - Math.max(Math.min(...p), Math.min(...q));
          }
          function along(c, from, to) {
            const x = c[to].x - c[from].x, y = c[to].y - c[from].y, length = Math.hypot(x, y) || 1;
            return [x / length, y / length];
          }
          for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) {
            const [a, b] = [corners[i], corners[j]];
            const apart = [a, b].some(c => into(a, b, ...along(c, 0, 1)) <= 1 || into(a, b, ...along(c, 0, 3)) <= 3);
            if (!apart) wrong.push(`${all[i].textContent} / ${all[j].textContent}`);
          }
        });
        return wrong;
        }""")  # fmt: skip


def sideways(page):
    """What reaches beyond the right edge, where the page scrolls sideways."""
    return page.evaluate(
        """() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        const out = Array.from(document.body.querySelectorAll('*')).filter(el => el.getBoundingClientRect().right > wide + 1);
        return [`${document.documentElement.scrollWidth} of ${wide}`].concat(out.slice(0, 8).map(el => el.outerHTML.slice(0, 80)));
        }""")  # fmt: skip


def unnamed(page):
    """Controls and pictures that a screen reader could not name, and headings that skip a level."""
    return page.evaluate(
        "() => {" + _VISIBLE + """
        const wrong = [];
        all('button, input, select, [role=img], a[href]').forEach(el => {
          const label = el.getAttribute('aria-label') || (el.labels && el.labels.length && el.labels[0].textContent) || el.textContent;
          const by = (el.getAttribute('aria-labelledby') || '').split(' ').some(id => id && el.getRootNode().getElementById(id));
          if (!label.trim() && !by) wrong.push(el.outerHTML.slice(0, 80));
        });
        let level = 0;
        document.querySelectorAll('h1, h2, h3, h4').forEach(h => {
          const at = Number(h.tagName[1]);
          if (at > level + 1) wrong.push(`${h.tagName} after H${level}: ${h.textContent}`);
          level = at;
        });
        const ids = Array.from(document.querySelectorAll('[id]')).map(el => el.id);
        return wrong.concat(ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `id ${id} twice`));
        }""")  # fmt: skip


def everything(page):
    return {
        "under 11 px": small_text(page), "contrast under 4.5": low_contrast(page), "labels on each other": overlapping_labels(page),
        "scrolls sideways": sideways(page), "without a name": unnamed(page),
    }  # fmt: skip
