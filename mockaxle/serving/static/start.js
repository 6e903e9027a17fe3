// Starts Swagger UI. The links of an answer are folded, since a block with all of them open is many screens high.

const foldedLinks = ({ React }) => ({
  wrapComponents: {
    operationLink: (OperationLink) => (props) =>
      React.createElement(
        "details",
        { className: "folded-link" },
        React.createElement("summary", null, `Link ${props.name}`),
        React.createElement(OperationLink, props),
      ),
  },
});

SwaggerUIBundle({
  url: document.currentScript.dataset.document,
  dom_id: "#page",
  deepLinking: true,
  tagsSorter: "alpha",
  defaultModelsExpandDepth: 0,
  persistAuthorization: true,
  plugins: [foldedLinks],
});
