/** Measures texts of the drawing, in pixels. The fonts are those of the style sheet. */
export function createMeasure(): (text: string, isTitle?: boolean) => number {
  const context = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  return (text, isTitle = false) => {
    if (context === null) return text.length * 7;
    context.font = `${isTitle ? 600 : 400} 13px ${family}`;
    return Math.ceil(context.measureText(text).width);
  };
}
