import { buildModule } from '@nomicfoundation/hardhat-ignition/modules'

/**
 * All contracts of a Halo. Parameters: `admin`, who manages the registry, and `deliveryQuorum`, how
 * many operators must sign a delivery. The escrow makes consent registry and token itself.
 */
// biome-ignore lint/style/noDefaultExport: Ignition reads a module from the default export.
export default buildModule('Halo', (m) => {
  const admin = m.getParameter('admin')
  const deliveryQuorum = m.getParameter('deliveryQuorum')
  const manager = m.contract('AccessManager', [admin])
  const registry = m.contract('HaloRegistry', [manager])
  const anchor = m.contract('LogAnchor', [registry])
  const escrow = m.contract('Escrow', [registry, deliveryQuorum])
  const consent = m.contractAt('ConsentRegistry', m.staticCall(escrow, 'consentRegistry'))
  const token = m.contractAt('AccessToken', m.staticCall(escrow, 'accessToken'))
  return { manager, registry, anchor, escrow, consent, token }
})
