import type { Page } from "playwright-core";

/** A text that is hard to read: WCAG 2.2 asks for 4.5. */
export interface FaintText {
  readonly text: string;
  readonly contrast: number;
}

/** Measures the contrast of every text that is shown, and of the lines of the drawing (from 3 on). */
export async function faintTexts(page: Page): Promise<readonly FaintText[]> {
  // A string, since it runs in the browser, whose types the tests do not have.
  return await page.evaluate<FaintText[]>(`(${measure.toString()})()`);
}

interface Style {
  readonly [property: string]: string;
}

interface Box {
  readonly parentElement: Box | null;
  readonly previousElementSibling: Box | null;
  readonly textContent: string;
  readonly tagName: string;
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly data: string }>;
  readonly closest: (selector: string) => Box | null;
  readonly querySelector: (selector: string) => Box | null;
  readonly checkVisibility: () => boolean;
}

declare const document: { readonly querySelectorAll: (selector: string) => Iterable<Box> };
declare const getComputedStyle: (element: Box) => Style;

function measure(): readonly FaintText[] {
  type Colour = readonly number[];

  // oxlint-disable-next-line unicorn/consistent-function-scoping -- In the browser there is no outside.
  function colourOf(text: string | undefined): Colour {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text?.match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue, text === "none" || text === "transparent" ? 0 : alpha];
  }

  function luminance(colour: Colour): number {
    const [red = 0, green = 0, blue = 0] = colour.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(a: Colour, b: Colour): number {
    const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  }

  function groundOf(element: Box): Colour {
    // In the drawing a text lies on the first rectangle of its group.
    const rect = element.tagName === "text" ? element.parentElement?.querySelector("rect") : null;
    if (rect) return colourOf(getComputedStyle(rect)["fill"]);
    for (let at: Box | null = element; at !== null; at = at.parentElement) {
      const colour = colourOf(getComputedStyle(at)["backgroundColor"]);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  }

  const faint: FaintText[] = [];
  function check(element: Box, colour: Colour, least: number): void {
    const value = contrast(colour, groundOf(element));
    if (value < least) {
      const text = `${element.tagName} ${element.textContent.slice(0, 40)}`;
      faint.push({ text, contrast: Math.round(value * 100) / 100 });
    }
  }

  for (const element of document.querySelectorAll("#app *")) {
    const own = [...element.childNodes].some(
      ({ nodeType, data }) => nodeType === 3 && data.trim() !== "",
    );
    if (!own || !element.checkVisibility()) continue;
    const { color, fill } = getComputedStyle(element);
    check(element, colourOf(element.tagName === "text" ? fill : color), 4.5);
  }
  for (const line of document.querySelectorAll("svg .stroke, svg .ground")) {
    const { stroke } = getComputedStyle(line);
    const page = line.closest(".viewport") ?? line;
    const value = contrast(colourOf(stroke), groundOf(page));
    if (value < 3) faint.push({ text: "a line of the drawing", contrast: value });
  }
  return faint;
}
