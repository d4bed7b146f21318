import type { CgmMeasurement } from '../glucose/gatt-cgm.ts'
import { CGM_STATUS } from '../glucose/gatt-cgm.ts'
import type { GlucoseValue } from '../glucose/glucose-value.ts'
import type { SettlingRule } from './note-book.ts'

type StatusRule = SettlingRule & { readonly bits: number }

/** What a sensor says when its value is not to be relied on. */
const UNRELIABLE: readonly StatusRule[] = [
  {
    rule: 'sensor-fault',
    bits: CGM_STATUS.sensorMalfunction | CGM_STATUS.sensorTypeWrong | CGM_STATUS.deviceFault,
    text: 'Readings of a sensor that reported a fault were left out.',
  },
  {
    rule: 'session-stopped',
    bits: CGM_STATUS.sessionStopped,
    text: 'Readings after the session had stopped were left out.',
  },
  {
    rule: 'calibration-needed',
    bits: CGM_STATUS.calibrationNeeded,
    text: 'Readings of a sensor that needed calibration were left out.',
  },
  {
    rule: 'temperature-out-of-range',
    bits: CGM_STATUS.temperatureTooHigh | CGM_STATUS.temperatureTooLow,
    text: 'Readings of a sensor that was too warm or too cold to measure were left out.',
  },
]

/** What a sensor says beside a value that stands. */
const ALERTS: readonly StatusRule[] = [
  {
    rule: 'time-sync-needed',
    bits: CGM_STATUS.timeSyncNeeded,
    text: 'The sensor asked for its clock to be set: times may be off.',
  },
  {
    rule: 'calibration-advised',
    bits: CGM_STATUS.calibrationRecommended | CGM_STATUS.calibrationNotAllowed,
    text: 'The sensor recommended calibration, or did not allow it; the readings were kept.',
  },
  {
    rule: 'device-notice',
    bits: CGM_STATUS.batteryLow | CGM_STATUS.deviceAlert,
    text: 'The sensor reported a low battery or an alert of its own; the readings were kept.',
  },
  {
    rule: 'glucose-alert',
    bits:
      CGM_STATUS.belowPatientLow |
      CGM_STATUS.abovePatientHigh |
      CGM_STATUS.belowHypo |
      CGM_STATUS.aboveHyper |
      CGM_STATUS.fallingFast |
      CGM_STATUS.risingFast,
    text: 'Alerts for low, high or fast changing glucose were left out; the readings were kept.',
  },
]

const NO_VALUE: SettlingRule = {
  rule: 'no-value',
  text: 'Measurements for which the sensor gave no value were left out.',
}
const BEYOND_RANGE: SettlingRule = {
  rule: 'beyond-range',
  text: 'Measurements beyond what the sensor can measure were left out, because it did not say where that ends.',
}

/** What the sensor says besides; the reading stands. */
export function alertsOf(status: number): readonly SettlingRule[] {
  return status === 0 ? [] : ALERTS.filter(({ bits }) => (status & bits) !== 0)
}

/** The value of a measurement, or the rule by which it is left out. */
export function judge({ glucose, status }: CgmMeasurement): GlucoseValue | SettlingRule {
  const fault = UNRELIABLE.find(({ bits }) => (status & bits) !== 0)
  if (fault !== undefined) return fault
  if (glucose === 'nan' || glucose === 'unresolved') return NO_VALUE
  if (typeof glucose === 'string') return BEYOND_RANGE
  if ((status & CGM_STATUS.belowRange) !== 0) return { ...glucose, comparator: '<' }
  if ((status & CGM_STATUS.aboveRange) !== 0) return { ...glucose, comparator: '>' }
  return { ...glucose, comparator: null }
}
