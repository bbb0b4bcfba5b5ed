"""One record of each kind, for whoever reads OpenAPI; the people in them are invented."""

from typing import Any

MRN = "P000102"
ENCOUNTER_ID = "ENC-2025-10-02-01"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CONVERSATION_ID = f"CONV-{TRACE_ID}"
DIAGNOSIS = {"code": "I48.91", "system": "ICD-10", "display": "Unspecified atrial fibrillation"}
NAME = {"first": "Tobias", "last": "Renn"}

PATIENT: dict[str, Any] = {
    "mrn": MRN,
    "name": NAME,
    "dob": "1958-07-29",
    "sex": "M",
    "address": {"line1": "3 Quarry Road", "city": "Eastmere", "state": "OR", "zip": "97001"},
    "conditions": [{**DIAGNOSIS, "onset_date": "2022-02-14"}],
    "medications": [
        {
            "drug_code": "1364445",
            "name": "apixaban 5 mg",
            "start_date": "2022-02-20",
            "end_date": None,
            "sig": "Take one tablet by mouth twice a day",
        }
    ],
    "allergies": [],
    "primary_care_provider_id": "PROV-1002",
    "risk_score": 0.72,
}
ENCOUNTER: dict[str, Any] = {
    "encounter_id": ENCOUNTER_ID,
    "patient_mrn": MRN,
    "provider_id": "PROV-1002",
    "type": "outpatient",
    "location": "Alder Street Clinic",
    "start": "2025-10-02T08:40:00Z",
    "end": "2025-10-02T09:05:00Z",
    "diagnoses": [DIAGNOSIS],
    "vitals": {
        "bp_systolic": 132,
        "bp_diastolic": 82,
        "heart_rate": 76,
        "weight_kg": 84.1,
        "temp_c": None,
        "spo2_pct": 97,
    },
    "labs": [
        {
            "name": "Creatinine",
            "loinc": "2160-0",
            "value": 1.0,
            "unit": "mg/dL",
            "collected_at": "2025-10-02T08:40:00Z",
        }
    ],
    "notes": "Rate controlled; no bleeding reported.",
}
CLAIM: dict[str, Any] = {
    "claim_id": "CLM-2025-0202",
    "patient_mrn": MRN,
    "encounter_id": ENCOUNTER_ID,
    "payer": "Juniper Mutual Health",
    "service_date": "2025-10-02",
    "cpt_codes": ["99213", "80053"],
    "icd10_codes": ["I48.91"],
    "billed_amount": "180.00",
    "allowed_amount": "120.00",
    "patient_responsibility": "30.00",
    "status": "paid",
}
DOCUMENT: dict[str, Any] = {
    "doc_id": f"DOC-VISITNOTE-{ENCOUNTER_ID}",
    "patient_mrn": MRN,
    "source_type": "visit_note",
    "title": "Visit note: heart rhythm follow-up",
    "text": "Seen for follow-up of atrial fibrillation. The pulse is irregular at 76 per minute.",
    "tags": ["atrial-fibrillation", "follow-up"],
    "metadata": {
        "author_provider_id": "PROV-1002",
        "created_at": "2025-10-02T09:05:00Z",
        "encounter_id": ENCOUNTER_ID,
    },
}
SUMMARY: dict[str, Any] = {
    "patient": PATIENT,
    "recent_encounters": [ENCOUNTER],
    "recent_claims": [CLAIM],
    "documents": [DOCUMENT],
    "providers": [
        {"provider_id": "PROV-1002", "name": {"first": "Lena", "last": "Hobart"}, "specialty": "Family medicine"}
    ],
    "summary_metadata": {"mrn": MRN, "encounter_count": 1, "claim_count": 1, "document_count": 1},
}
NEW_CHAT_LOG: dict[str, Any] = {
    "patient_mrn": MRN,
    "channel": "api",
    "messages": [
        {"role": "user", "content": "I slipped and hit my head.", "timestamp": "2026-01-05T10:00:00Z"},
        {
            "role": "assistant",
            "content": "Please be seen today: your record shows a blood thinner.",
            "timestamp": "2026-01-05T10:00:01.250000Z",
            "model_name": "mock",
            "latency_ms": 12.5,
        },
    ],
    "retrieval_events": [
        {
            "step_id": 1,
            "query_type": "db_query",
            "query": "patient summary",
            "endpoint": "/patients/{mrn}/summary",
            "latency_ms": 4.2,
            "record_count": 1,
        }
    ],
    "trace_id": TRACE_ID,
    "urgency": "urgent",
    "llm_mode": "mock",
}
CHAT_LOG: dict[str, Any] = {
    **NEW_CHAT_LOG,
    "conversation_id": CONVERSATION_ID,
    "started_at": "2026-01-05T10:00:00Z",
    "ended_at": "2026-01-05T10:00:01.250000Z",
    "status": "ok",
}
AUDIT_LOG: dict[str, Any] = {
    "event_id": "EVT-6f1c2a9be0d84f0f9a3f0c9d1e2b3a4c",
    "event_type": "triage_inference",
    "actor_type": "service",
    "actor_id": "chat-api",
    "patient_mrn": MRN,
    "model_name": "mock",
    "request_id": TRACE_ID,
    "created_at": "2026-01-05T10:00:01.250000Z",
    "input_summary": "26 characters",
    "output_summary": "urgency=urgent rules=1",
    "latency_ms": 18,
    "status": "success",
}
