// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Locked tokens (ERC-5192)
interface IERC5192 {
    /// @notice A token was locked.
    event Locked(uint256 tokenId);
    /// @notice A token was unlocked; never emitted here.
    event Unlocked(uint256 tokenId);

    /// @notice Whether a token cannot be transferred.
    /// @param tokenId Token that exists
    function locked(uint256 tokenId) external view returns (bool);
}

/// @title Right of one researcher to one delivery
/// @notice An ERC-721 token whose id is the request's hash; locked for ever, inert until the patient
/// consents, burned on refund. Expiry reads as in ERC-5643, the user role as in ERC-4907; the writing
/// parts of these two standards are left out, and so are their interface ids.
interface IAccessToken is IERC5192 {
    /// @notice Only the escrow mints and burns.
    error NotEscrow(address sender);
    /// @notice Tokens cannot be transferred.
    error TokenLocked(uint256 tokenId);
    /// @notice Tokens cannot be approved for anyone.
    error ApprovalRefused(address operator);

    /// @notice Mints a locked token. Only the escrow.
    /// @param to Researcher
    /// @param tokenId Request's hash
    function mint(address to, uint256 tokenId) external;

    /// @notice Burns a token. Only the escrow.
    /// @param tokenId Request's hash
    function burn(uint256 tokenId) external;

    /// @notice Holder of a token, or zero when there is none.
    /// @param tokenId Request's hash
    function holderOf(uint256 tokenId) external view returns (address);

    /// @notice Whether the token gives access now: held, consented to, not withdrawn, not expired.
    /// @param tokenId Request's hash
    function isLive(uint256 tokenId) external view returns (bool);

    /// @notice Unix seconds after which access ends; 0 unless the token is live, so before consent, after
    /// withdrawal and after its time (ERC-5643).
    /// @param tokenId Token that exists
    function expiresAt(uint256 tokenId) external view returns (uint64);

    /// @notice The holder while access is live, otherwise zero (ERC-4907).
    /// @param tokenId Request's hash
    function userOf(uint256 tokenId) external view returns (address);

    /// @notice Unix seconds after which the user role ends; 0 unless the token is live (ERC-4907).
    /// @param tokenId Request's hash
    function userExpires(uint256 tokenId) external view returns (uint256);
}
