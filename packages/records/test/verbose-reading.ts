import type { FhirResource } from '@halo/records'

/** One reading as a hospital's system gives it: narrative, names, identifiers, device, notes. */
export const VERBOSE_READING: FhirResource = {
  resourceType: 'Observation',
  id: 'reading-2014-03-07-0935',
  meta: { versionId: '3', lastUpdated: '2014-03-07T09:40:12.000Z', source: 'https://clarity.example/joe' },
  text: {
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml"><p><b>Generated narrative with details</b></p><p><b>id</b>: reading-2014-03-07-0935</p><p><b>identifier</b>: 6323 (official)</p><p><b>status</b>: final</p><p><b>code</b>: Glucose [Mass/volume] in Interstitial fluid <span>(Details: LOINC code '99504-3')</span></p><p><b>subject</b>: Joe Schmoe</p><p><b>effective</b>: 07/03/2014 9:35:12 AM</p><p><b>performer</b>: Dr. A. Langeveld</p><p><b>value</b>: 113 mg/dL</p></div>`,
  },
  identifier: [
    { use: 'official', system: 'http://www.bmc.example/identifiers/observations', value: '6323' },
    { use: 'secondary', system: 'urn:dexcom:transmitter', value: '40H7KP', period: { start: '2014-01-02' } },
  ],
  status: 'final',
  category: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/observation-category',
          code: 'laboratory',
          display: 'Laboratory',
        },
      ],
      text: 'Laboratory',
    },
  ],
  code: {
    coding: [
      { system: 'http://loinc.org', code: '99504-3', display: 'Glucose [Mass/volume] in Interstitial fluid' },
    ],
    text: 'Glucose of Joe',
  },
  subject: { reference: 'Patient/joe-schmoe-19700101', display: 'Joe Schmoe' },
  encounter: { reference: 'Encounter/home', display: 'At home' },
  effectiveDateTime: '2014-03-07T09:35:12+01:00',
  issued: '2014-03-07T09:40:12.000Z',
  performer: [{ reference: 'Practitioner/f005', display: 'A. Langeveld' }],
  valueQuantity: { value: 113, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  note: [{ text: 'Taken before the second breakfast, at work. Call +39 06 5551234 if below 60.' }],
  device: { reference: 'Device/g4-SM40817723', display: "Joe's Dexcom G4 SM40817723" },
  referenceRange: [
    {
      low: { value: 70, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
      high: { value: 180, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
      text: 'Target of Joe',
    },
  ],
}

/** As such a system sends it. */
export const VERBOSE_TEXT: string = JSON.stringify(VERBOSE_READING, null, 1)
