import { describeSwayMethod, type plotStabilogram, type plotStatokinesigram } from '@halo/measures'
import { EXIT } from '../exit-code.ts'
import type { Output } from '../output.ts'
import type { PlotFlags, SwayFlags } from './measure-flags.ts'
import { refuseOtherPicture } from './measure-flags.ts'
import { measureSwayOf, parseEyes, refuseUnusable } from './read-sway.ts'
import { writeOut } from './sink.ts'
import { swayFigures } from './sway-figures.ts'

/** `halo records plot skg|stabilogram`. */
export function plotSwayFile(draw: typeof plotStatokinesigram | typeof plotStabilogram) {
  return async (
    flags: SwayFlags & PlotFlags,
    output: Output,
    [path = '']: readonly string[],
  ): Promise<number> => {
    refuseOtherPicture(flags)
    const { sway } = await measureSwayOf(path, parseEyes(flags.eyes), flags, output)
    if (sway.quality === 'unusable') return refuseUnusable(sway, output)
    const { statokinesigram, stabilogram, condition, quality } = sway
    const svg = draw({
      ...statokinesigram,
      rateHz: stabilogram.rateHz,
      title: condition === null ? 'quiet stance' : `eyes ${condition.eyes}`,
      method: describeSwayMethod(sway.method),
      isScreening: quality === 'screening',
      figures: swayFigures(sway),
    })
    await writeOut(flags.out, [svg], { force: flags.force === true })
    output.result({ out: flags.out, rateHz: stabilogram.rateHz, quality }, [])
    output.note(`${flags.out}: ${stabilogram.rateHz} samples per second, ${quality}.`)
    return EXIT.OK
  }
}
