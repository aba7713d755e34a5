"""The roles by which experts are known among schools; slugs are stored, names may be reworded."""

from __future__ import annotations

EXPERT_ROLES: dict[str, str] = {
    "sle": "Specialist leader of education (SLE)",
    "nle": "National leader of education (NLE)",
    "lle": "Local leader of education (LLE)",
    "nlg": "National leader of governance (NLG)",
    "senco": "SENCO",
    "dsl": "Designated safeguarding lead (DSL)",
    "mental-health-lead": "Senior mental health lead",
    "subject-lead": "Subject or phase leader",
    "ect-mentor": "ECT mentor",
    "moderator": "Moderator",
    "examiner": "Examiner",
    "npq-facilitator": "NPQ facilitator",
    "ofsted-inspector": "Ofsted inspector",
    "first-aid-trainer": "First aid trainer",
    "team-teach": "De-escalation trainer",
    "business-manager": "School business professional",
}
