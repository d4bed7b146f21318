// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IAccessToken, IERC5192} from "./IAccessToken.sol";
import {IConsentRegistry} from "./IConsentRegistry.sol";

/// @title Right of one researcher to one delivery
contract AccessToken is IAccessToken, ERC721 {
    address private immutable _escrow;
    IConsentRegistry private immutable _consentRegistry;

    modifier onlyEscrow() {
        _checkEscrow();
        _;
    }

    /// @param escrow Contract that mints and burns
    /// @param consentRegistry Contract that knows the patients' answers
    constructor(address escrow, IConsentRegistry consentRegistry) ERC721("Halo Access", "HALO") {
        _escrow = escrow;
        _consentRegistry = consentRegistry;
    }

    /// @inheritdoc IAccessToken
    function mint(address to, uint256 tokenId) external onlyEscrow {
        _mint(to, tokenId);
        emit Locked(tokenId);
    }

    /// @inheritdoc IAccessToken
    function burn(uint256 tokenId) external onlyEscrow {
        _burn(tokenId);
    }

    /// @inheritdoc IAccessToken
    function holderOf(uint256 tokenId) external view returns (address) {
        return _ownerOf(tokenId);
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    /// @inheritdoc IAccessToken
    function expiresAt(uint256 tokenId) external view returns (uint64) {
        _requireOwned(tokenId);
        return _liveUntil(tokenId);
    }

    /// @inheritdoc IAccessToken
    function userOf(uint256 tokenId) external view returns (address) {
        return isLive(tokenId) ? _ownerOf(tokenId) : address(0);
    }

    /// @inheritdoc IAccessToken
    function userExpires(uint256 tokenId) external view returns (uint256) {
        return _liveUntil(tokenId);
    }

    /// @inheritdoc IAccessToken
    function isLive(uint256 tokenId) public view returns (bool) {
        return _liveUntil(tokenId) != 0;
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @inheritdoc ERC721
    function transferFrom(address, address, uint256 tokenId) public pure override {
        revert TokenLocked(tokenId);
    }

    /// @inheritdoc ERC721
    function approve(address to, uint256) public pure override {
        revert ApprovalRefused(to);
    }

    /// @inheritdoc ERC721
    function setApprovalForAll(address operator, bool) public pure override {
        revert ApprovalRefused(operator);
    }

    /// @dev Unix seconds after which access ends, or 0 when the token gives none now.
    function _liveUntil(uint256 tokenId) private view returns (uint64) {
        if (_ownerOf(tokenId) == address(0)) return 0;
        (IConsentRegistry.Status status, uint64 accessUntil, , ) = _consentRegistry.consentOf(
            bytes32(tokenId)
        );
        bool isInForce = status == IConsentRegistry.Status.Granted && block.timestamp <= accessUntil;
        return isInForce ? accessUntil : 0;
    }

    function _checkEscrow() private view {
        if (msg.sender != _escrow) revert NotEscrow(msg.sender);
    }
}
