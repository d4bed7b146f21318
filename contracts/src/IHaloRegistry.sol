// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who is a Halo peer
/// @notice Admission is decided by the authority (an AccessManager); a peer only moves its own addresses.
/// Profiles live in events. Storage keeps their hash and the blocks to find them in, so that a reader
/// needs no scan of the whole chain.
interface IHaloRegistry {
    /// @notice Standing of an operator.
    enum Status {
        None,
        Active,
        Suspended
    }

    /// @notice What storage knows of one operator.
    /// @param operator Account that relays answers and signs deliveries
    /// @param status Standing; never `None` for a listed operator
    /// @param sequence Order of admission, from 1
    /// @param profileBlock Block of the operator's `PeerProfile`
    /// @param addressesBlock Block of the newest `PeerProfile` or `PeerAddresses`
    /// @param profileHash keccak256(abi.encode(identityHash, keccak256(abi.encode(addresses)))) with
    /// identityHash = keccak256(abi.encode(peerId, kemPublicKey))
    struct Entry {
        address operator;
        Status status;
        uint32 sequence;
        uint64 profileBlock;
        uint64 addressesBlock;
        bytes32 profileHash;
    }

    /// @notice A peer was admitted.
    /// @param operator Account of the peer
    /// @param peerId libp2p peer id, base58btc
    /// @param kemPublicKey Hybrid KEM public key, 1216 bytes
    /// @param addresses Multiaddrs at which the peer listens
    event PeerProfile(address indexed operator, string peerId, bytes kemPublicKey, string[] addresses);

    /// @notice A peer listens elsewhere now.
    /// @param operator Account of the peer
    /// @param addresses Multiaddrs at which the peer listens
    event PeerAddresses(address indexed operator, string[] addresses);

    /// @notice A peer's standing changed; `None` means removed.
    /// @param operator Account of the peer
    /// @param status New standing
    event PeerStatus(address indexed operator, Status status);

    /// @notice The zero address cannot be an operator.
    error OperatorMissing();
    /// @notice The operator does not stand as the call needs.
    error WrongStatus(address operator, Status status);
    /// @notice Another operator has this peer id.
    error PeerIdTaken(string peerId, address operator);
    /// @notice A peer id has 1 to 128 bytes.
    error PeerIdOutOfRange(uint256 length);
    /// @notice A KEM public key has 1216 bytes.
    error KemPublicKeyWrong(uint256 length);
    /// @notice At most 16 addresses of at most 256 bytes each.
    error AddressesOutOfRange(uint256 count, uint256 longest);

    /// @notice Admits a peer. Restricted.
    /// @param operator Account of the peer, not listed yet
    /// @param peerId libp2p peer id, base58btc, not used by another operator
    /// @param kemPublicKey Hybrid KEM public key, 1216 bytes
    /// @param addresses Multiaddrs, at most 16
    function admit(
        address operator,
        string calldata peerId,
        bytes calldata kemPublicKey,
        string[] calldata addresses
    ) external;

    /// @notice Suspends an active peer. Restricted.
    /// @param operator Account of the peer
    function suspend(address operator) external;

    /// @notice Makes a suspended peer active again. Restricted.
    /// @param operator Account of the peer
    function resume(address operator) external;

    /// @notice Removes a peer; its peer id becomes free. Restricted.
    /// @param operator Account of the peer
    function remove(address operator) external;

    /// @notice The calling operator, while active, listens elsewhere now.
    /// @param addresses Multiaddrs, at most 16
    function announce(string[] calldata addresses) external;

    /// @notice Whether an account is an operator in good standing.
    /// @param operator Account to look at
    function isActive(address operator) external view returns (bool);

    /// @notice Standing of an account.
    /// @param operator Account to look at
    function statusOf(address operator) external view returns (Status);

    /// @notice Hash of an operator's profile, or zero.
    /// @param operator Account to look at
    function profileHashOf(address operator) external view returns (bytes32);

    /// @notice The operator with a peer id, or zero.
    /// @param peerId libp2p peer id, base58btc
    function operatorOf(string calldata peerId) external view returns (address);

    /// @notice All operators, suspended ones too, in no particular order.
    function entries() external view returns (Entry[] memory);
}
