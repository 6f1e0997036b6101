// Ids of the skill, as words on the page.

const DISPOSITIONS = {
  EMERGENCY: "Emergency",
  URGENT: "Urgent",
  ROUTINE: "Routine",
  SELF_CARE: "Self-care",
  INFO: "Information",
  OUT_OF_SCOPE: "Out of scope",
};

export const dispositionWords = (disposition) => DISPOSITIONS[disposition] ?? String(disposition);
