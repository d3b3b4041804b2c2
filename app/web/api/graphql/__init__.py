"""GraphQL at /graphql: the same rules as REST, asked for what is needed and no more. Tried at /api/graphiql."""

from flask import Blueprint

from app.web.api.limits import tell
from app.web.security import csrf

blueprint = Blueprint("graphql", __name__)
blueprint.after_request(tell)
csrf.exempt(blueprint)  # it answers to bearer tokens alone, and no browser sends these by itself

from app.web.api.graphql import answering  # noqa: F401  its routes register themselves
