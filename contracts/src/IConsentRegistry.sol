// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEscrow} from "./IEscrow.sol";
import {IHaloRegistry} from "./IHaloRegistry.sol";

/// @title What patients answered
/// @notice Answers are EIP-712 messages of the patient (EOA or ERC-1271 account), domain name "Halo",
/// version "1": `Grant`, `Decline` and `Revoke`, each `(bytes32 requestId,string statement)`. Anyone may
/// relay them, several may race: repeating an answer does nothing and does not revert.
interface IConsentRegistry {
    /// @notice The patient's answer to one request.
    enum Status {
        None,
        Granted,
        Declined,
        Revoked
    }

    /// @notice The patient consented.
    /// @param requestId Request that was answered
    /// @param accessUntil Unix seconds after which access ends
    event Granted(bytes32 indexed requestId, uint64 accessUntil);
    /// @notice The patient refused.
    event Declined(bytes32 indexed requestId);
    /// @notice The patient withdrew consent.
    event Revoked(bytes32 indexed requestId);

    /// @notice There is another answer already.
    error AlreadyAnswered(bytes32 requestId, Status status);
    /// @notice There is no consent to withdraw.
    error NotGranted(bytes32 requestId, Status status);
    /// @notice The time to answer is over.
    error AnswerTooLate(bytes32 requestId, uint64 answerBySec, uint256 nowSec);
    /// @notice The signature is not the patient's over this answer.
    error AnswerNotSigned(bytes32 requestId, address patient);

    /// @notice Relays a consent; an active operator who is first earns the relay fee.
    /// @param r Request that is open and unanswered
    /// @param statementHash keccak-256 of the text the patient was shown
    /// @param signature Patient's signature over `Grant`
    /// @return isFirst False when nothing was done
    function grant(
        IEscrow.Request calldata r,
        bytes32 statementHash,
        bytes calldata signature
    ) external returns (bool isFirst);

    /// @notice Relays a refusal; an active operator who is first earns the relay fee.
    /// @param r Request that is open and unanswered
    /// @param statementHash keccak-256 of the text the patient was shown
    /// @param signature Patient's signature over `Decline`
    /// @return isFirst False when nothing was done
    function decline(
        IEscrow.Request calldata r,
        bytes32 statementHash,
        bytes calldata signature
    ) external returns (bool isFirst);

    /// @notice Relays a withdrawal of consent, before or after settlement; earns nothing.
    /// @param r Request that was granted
    /// @param statementHash keccak-256 of the text the patient was shown
    /// @param signature Patient's signature over `Revoke`
    /// @return isFirst False when nothing was done
    function revoke(
        IEscrow.Request calldata r,
        bytes32 statementHash,
        bytes calldata signature
    ) external returns (bool isFirst);

    /// @notice The answer to a request.
    /// @param requestId Hash of the request
    /// @return status The answer
    /// @return accessUntil Unix seconds after which access ends, or 0
    /// @return atBlock Block of the newest answer, or 0
    /// @return isRelayPaid Whether the relay fee was earned
    function consentOf(
        bytes32 requestId
    ) external view returns (Status status, uint64 accessUntil, uint64 atBlock, bool isRelayPaid);

    /// @notice Registry of operators.
    function registry() external view returns (IHaloRegistry);

    /// @notice Escrow that made this contract.
    function escrow() external view returns (IEscrow);
}
