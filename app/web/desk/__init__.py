"""The employer's desk: /employer."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)

from app.web.desk import applicants as applicants
from app.web.desk import company as company
from app.web.desk import editor as editor
from app.web.desk import home as home
from app.web.desk import postings as postings
from app.web.desk import team as team
