// The description of the programming interface, to be read and tried. Nothing is asked of another host.
const docs = document.getElementById("docs");
SwaggerUIBundle({
  url: docs.dataset.description,
  domNode: docs,
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
});
