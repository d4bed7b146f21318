/** A code of our own for one index: what it says, and the UCUM unit of its figure (null: units are mixed). */
export interface IndexCode {
  readonly display: string
  readonly unit: string | null
}

type Axis = 'ML' | 'AP' | 'Radius' | 'ML_AND_AP'
type Row = readonly [name: string, unit: string | null, display: string, axes: readonly Axis[]]

const AXES: Readonly<Record<Axis, string>> = {
  ML: 'mediolateral',
  AP: 'anteroposterior',
  Radius: 'distance from the mean position',
  ML_AND_AP: 'both directions',
}
const EACH: readonly Axis[] = ['ML', 'AP']
const EACH_AND_RADIUS: readonly Axis[] = ['ML', 'AP', 'Radius']
const EACH_AND_BOTH: readonly Axis[] = ['ML', 'AP', 'ML_AND_AP']
const BOTH: readonly Axis[] = ['ML_AND_AP']

/**
 * Indices by the names of the published descriptors; the axis is appended to the name.
 * @see Quijoux et al. 2021, A review of center of pressure variables to quantify standing balance, Physiol Rep
 */
const ROWS: readonly Row[] = [
  ['mean_value', 'cm', 'Mean position', EACH],
  ['mean_distance', 'cm', 'Mean distance from the mean position', EACH_AND_RADIUS],
  ['maximal_distance', 'cm', 'Greatest distance from the mean position', EACH_AND_RADIUS],
  ['rms', 'cm', 'Root mean square distance', EACH_AND_RADIUS],
  ['range', 'cm', 'Range', EACH_AND_BOTH],
  ['range_ratio', '1', 'Ratio of the ranges', BOTH],
  ['planar_deviation', 'cm', 'Planar deviation', BOTH],
  ['coefficient_sway_direction', '1', 'Coefficient of sway direction', BOTH],
  ['confidence_ellipse_area', 'cm2', 'Area of the 95 % prediction ellipse', BOTH],
  ['ellipse_area_large_sample', 'cm2', 'Area of the 95 % ellipse for many samples', BOTH],
  ['principal_sway_direction', 'deg', 'Principal sway direction', BOTH],
  ['path_length', 'cm', 'Length of the sway path', EACH_AND_BOTH],
  ['mean_velocity', 'cm/s', 'Mean velocity', EACH_AND_BOTH],
  [
    'mean_velocity_textbook',
    'cm/s',
    'Mean velocity over the time between first and last sample',
    EACH_AND_BOTH,
  ],
  ['sway_area_per_second', 'cm2/s', 'Sway area per second', BOTH],
  ['phase_plane_parameter', null, 'Phase plane parameter', EACH],
  ['LFS', '/cm', 'Length of the sway path as a function of its surface', BOTH],
  ['fractal_dimension', '1', 'Fractal dimension', BOTH],
  ['mean_frequency', 'Hz', 'Mean frequency', EACH_AND_BOTH],
  ['zero_crossing_SPD', '{count}', 'Zero crossings of the velocity', EACH],
  ['peak_velocity_all_SPD', 'cm/s', 'Mean peak velocity', EACH],
  ['peak_velocity_pos_SPD', 'cm/s', 'Mean peak velocity, positive', EACH],
  ['peak_velocity_neg_SPD', 'cm/s', 'Mean peak velocity, negative', EACH],
  ['total_power_Power_Spectrum_Density', 'cm2/Hz', 'Total power', EACH],
  ['band_power_Power_Spectrum_Density', 'cm2', 'Power integrated over the band', EACH],
  ['power_frequency_50_Power_Spectrum_Density', 'Hz', 'Frequency below which lies 50 % of the power', EACH],
  ['power_frequency_95_Power_Spectrum_Density', 'Hz', 'Frequency below which lies 95 % of the power', EACH],
  ['frequency_mode_Power_Spectrum_Density', 'Hz', 'Frequency of the greatest power', EACH],
  ['centroid_frequency_Power_Spectrum_Density', 'Hz', 'Centroid frequency', EACH],
  ['frequency_dispersion_Power_Spectrum_Density', '1', 'Frequency dispersion', EACH],
  ['energy_content_below_05_Power_Spectrum_Density', 'cm2/Hz', 'Power up to 0.5 Hz', EACH],
  ['energy_content_05_2_Power_Spectrum_Density', 'cm2/Hz', 'Power from 0.5 to 2 Hz', EACH],
  ['energy_content_above_2_Power_Spectrum_Density', 'cm2/Hz', 'Power above 2 Hz', EACH],
  ['frequency_quotient_Power_Spectrum_Density', '1', 'Frequency quotient', EACH],
  ['short_time_diffusion_Diffusion', 'cm2', 'Short-term diffusion', EACH],
  ['long_time_diffusion_Diffusion', 'cm2', 'Long-term diffusion', EACH],
  ['short_time_scaling_Diffusion', '1', 'Short-term scaling exponent', EACH],
  ['long_time_scaling_Diffusion', '1', 'Long-term scaling exponent', EACH],
  ['critical_time_Diffusion', 's', 'Critical time of diffusion', EACH],
  ['critical_displacement_Diffusion', 'cm2', 'Critical mean square displacement', EACH],
]

const WITHOUT_AXIS: Readonly<Record<string, IndexCode>> = {
  mean_peak_Sway_Density: { display: 'Mean of the peaks of sway density', unit: 's' },
  mean_distance_peak_Sway_Density: { display: 'Mean distance between peaks of sway density', unit: 'cm' },
  romberg_quotient_area: { display: 'Romberg quotient of the ellipse area, eyes closed to open', unit: '1' },
  romberg_quotient_path: { display: 'Romberg quotient of the path length, eyes closed to open', unit: '1' },
}

/** Every index that an Observation of a balance test may hold, by its code. */
export const STABILOMETRY_INDICES: Readonly<Record<string, IndexCode>> = Object.freeze({
  ...Object.fromEntries(
    ROWS.flatMap(([name, unit, display, axes]) => axes.map((axis) => index(name, unit, display, axis))),
  ),
  ...WITHOUT_AXIS,
})

function index(name: string, unit: string | null, display: string, axis: Axis): readonly [string, IndexCode] {
  return [`${name}_${axis}`, { display: `${display}, ${AXES[axis]}`, unit }]
}
