/** What would run, or break the page, if it were taken for HTML or JavaScript. */
export const texts = [
  "</script><script>window.pwned=1</script>",
  '<img src=x onerror="window.pwned=1">',
  "<!-- <script>",
  "]]> </style> </pre></textarea>",
  "\u2028\u2029 \u202E",
  `"'\`\${window.pwned=1}\\`,
  "lone \uD800 and \uDC00",
  "javascript:window.pwned=1",
  "&lt;b&gt; &amp; &#39;",
] as const;
