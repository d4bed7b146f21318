import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { checkId, resource } from './observation.ts'

/** What a device may say of itself; serial number, names given by the patient and UDI are not among it. */
export interface DeviceModel {
  readonly id: string
  readonly manufacturer?: string | undefined
  readonly model?: string | undefined
  /** Of the software that computed figures. */
  readonly softwareVersion?: string | undefined
}

/**
 * The model of a device, enough to tell like sources from unlike ones.
 * @throws RecordsError `FIELD_INVALID` for an id that FHIR does not allow
 * @see https://hl7.org/fhir/R4/device.html
 */
export function buildDevice(device: DeviceModel): FhirResource {
  const { softwareVersion, model } = device
  const name: JsonValue | undefined = model === undefined ? undefined : [{ name: model, type: 'model-name' }]
  return resource('Device', {
    id: checkId(device.id),
    manufacturer: device.manufacturer,
    deviceName: name,
    version: softwareVersion === undefined ? undefined : [{ value: softwareVersion }],
  })
}
