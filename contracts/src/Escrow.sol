// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {AccessToken} from "./AccessToken.sol";
import {ConsentRegistry} from "./ConsentRegistry.sol";
import {IAccessToken} from "./IAccessToken.sol";
import {IConsentRegistry} from "./IConsentRegistry.sol";
import {IEscrow} from "./IEscrow.sol";
import {IHaloRegistry} from "./IHaloRegistry.sol";
import {RequestHash} from "./RequestHash.sol";

/// @title What researchers pay, until it is the patient's or goes back
/// @dev The constructor makes the consent registry and the token, so that the three know each other by
/// immutables and nobody can ever wire them differently.
contract Escrow is IEscrow, EIP712, ReentrancyGuardTransient {
    using RequestHash for Request;
    using SafeERC20 for IERC20;

    /// @dev One slot.
    struct State {
        Status status;
        uint64 requestedBlock;
    }

    bytes32 private constant _DELIVERY_TYPE = keccak256("Delivery(bytes32 requestId)");
    uint256 private constant _ANSWER_MAX_SEC = 90 days;
    uint256 private constant _ACCESS_MIN_SEC = 60;
    uint256 private constant _ACCESS_MAX_SEC = 365 days;

    /// @inheritdoc IEscrow
    IHaloRegistry public immutable registry;
    /// @inheritdoc IEscrow
    IConsentRegistry public immutable consentRegistry;
    /// @inheritdoc IEscrow
    IAccessToken public immutable accessToken;
    /// @inheritdoc IEscrow
    uint256 public immutable deliveryQuorum;

    mapping(bytes32 requestId => State) private _states;
    mapping(address account => mapping(address currency => uint256)) private _credits;

    /// @param registry_ Registry of operators
    /// @param deliveryQuorum_ How many operators must sign a delivery, at least 1
    constructor(IHaloRegistry registry_, uint256 deliveryQuorum_) EIP712("Halo", "1") {
        if (deliveryQuorum_ == 0) revert QuorumZero();
        registry = registry_;
        deliveryQuorum = deliveryQuorum_;
        ConsentRegistry consent = new ConsentRegistry(registry_, this);
        consentRegistry = consent;
        accessToken = new AccessToken(address(this), consent);
    }

    /// @inheritdoc IEscrow
    function request(
        Request calldata r,
        bytes32 commitment
    ) external payable nonReentrant returns (bytes32 requestId) {
        requestId = r.idOf(address(this));
        _checkRequest(r, commitment, requestId);
        _states[requestId] = State(Status.Open, uint64(block.number));
        emit AccessRequested(requestId, r.patient, r.researcher, r);
        accessToken.mint(r.researcher, uint256(requestId));
        _takePayment(r.currency, uint256(r.price) + r.relayFee);
    }

    /// @inheritdoc IEscrow
    function settle(Request calldata r) external {
        if (msg.sender != r.researcher) revert NotResearcher(msg.sender, r.researcher);
        _settle(r, r.idOf(address(this)));
    }

    /// @inheritdoc IEscrow
    function settleWithDeliveries(Request calldata r, bytes[] calldata signatures) external {
        bytes32 requestId = r.idOf(address(this));
        _checkDeliveries(requestId, signatures);
        _settle(r, requestId);
    }

    /// @inheritdoc IEscrow
    function refund(Request calldata r) external {
        bytes32 requestId = r.idOf(address(this));
        _close(requestId, Status.Refunded);
        (IConsentRegistry.Status consent, uint64 accessUntil, , bool isRelayPaid) = consentRegistry.consentOf(
            requestId
        );
        if (consent == IConsentRegistry.Status.None && block.timestamp <= r.answerBySec) {
            revert NotRefundable(requestId, consent, r.answerBySec);
        }
        if (consent == IConsentRegistry.Status.Granted && block.timestamp <= accessUntil) {
            revert NotRefundable(requestId, consent, accessUntil);
        }
        emit Refunded(requestId);
        _credit(r.researcher, r.currency, isRelayPaid ? r.price : uint256(r.price) + r.relayFee);
        accessToken.burn(uint256(requestId));
    }

    /// @inheritdoc IEscrow
    function withdraw(address account, address currency) external nonReentrant {
        uint256 amount = _credits[account][currency];
        if (amount == 0) revert NothingToWithdraw(account, currency);
        _credits[account][currency] = 0;
        emit Withdrawn(account, currency, amount);
        if (currency == address(0)) Address.sendValue(payable(account), amount);
        else IERC20(currency).safeTransfer(account, amount);
    }

    /// @inheritdoc IEscrow
    function noteAnswer(bytes32 requestId, address relayer, address currency, uint256 relayFee) external {
        if (msg.sender != address(consentRegistry)) revert NotConsentRegistry(msg.sender);
        Status status = _states[requestId].status;
        if (status != Status.Open) revert RequestNotOpen(requestId, status);
        if (relayer != address(0)) _credit(relayer, currency, relayFee);
    }

    /// @inheritdoc IEscrow
    function requestIdOf(Request calldata r) external view returns (bytes32) {
        return r.idOf(address(this));
    }

    /// @inheritdoc IEscrow
    function statusOf(bytes32 requestId) external view returns (Status status, uint64 requestedBlock) {
        State memory state = _states[requestId];
        return (state.status, state.requestedBlock);
    }

    /// @inheritdoc IEscrow
    function factsOf(Request calldata r) external view returns (Facts memory facts) {
        bytes32 requestId = r.idOf(address(this));
        facts.escrow = _states[requestId].status;
        (facts.consent, facts.accessUntil, facts.consentBlock, ) = consentRegistry.consentOf(requestId);
        facts.tokenOwner = accessToken.holderOf(uint256(requestId));
    }

    /// @inheritdoc IEscrow
    function creditOf(address account, address currency) external view returns (uint256) {
        return _credits[account][currency];
    }

    function _settle(Request calldata r, bytes32 requestId) private {
        _close(requestId, Status.Settled);
        (IConsentRegistry.Status consent, uint64 accessUntil, , bool isRelayPaid) = consentRegistry.consentOf(
            requestId
        );
        if (consent != IConsentRegistry.Status.Granted || block.timestamp > accessUntil) {
            revert NotSettleable(requestId, consent, accessUntil);
        }
        emit Settled(requestId);
        _credit(r.patient, r.currency, r.price);
        if (!isRelayPaid) _credit(r.researcher, r.currency, r.relayFee);
    }

    function _close(bytes32 requestId, Status outcome) private {
        State storage state = _states[requestId];
        if (state.status != Status.Open) revert RequestNotOpen(requestId, state.status);
        state.status = outcome;
    }

    function _credit(address account, address currency, uint256 amount) private {
        if (amount != 0) _credits[account][currency] += amount;
    }

    /// @dev Measures what arrived, so that a token which keeps a part of a transfer is refused.
    function _takePayment(address currency, uint256 amount) private {
        if (currency == address(0)) {
            if (msg.value != amount) revert WrongPayment(amount, msg.value);
            return;
        }
        if (msg.value != 0) revert WrongPayment(0, msg.value);
        if (amount == 0) return;
        uint256 balance = IERC20(currency).balanceOf(address(this));
        IERC20(currency).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(currency).balanceOf(address(this)) - balance;
        if (received != amount) revert WrongPayment(amount, received);
    }

    function _checkRequest(Request calldata r, bytes32 commitment, bytes32 requestId) private view {
        if (msg.sender != r.researcher) revert NotResearcher(msg.sender, r.researcher);
        if (r.answerBySec <= block.timestamp || r.answerBySec > block.timestamp + _ANSWER_MAX_SEC) {
            revert AnswerTimeOutOfRange(r.answerBySec, block.timestamp);
        }
        if (r.accessForSec < _ACCESS_MIN_SEC || r.accessForSec > _ACCESS_MAX_SEC) {
            revert AccessTimeOutOfRange(r.accessForSec);
        }
        if (_states[requestId].status != Status.None) revert RequestExists(requestId);
        if (r.patient == address(0) || keccak256(abi.encode(commitment, r.patient)) != r.dataset) {
            revert NotPatientsDataset(r.dataset, r.patient);
        }
    }

    /// @dev Ascending order makes signers distinct without a set.
    function _checkDeliveries(bytes32 requestId, bytes[] calldata signatures) private view {
        uint256 count = signatures.length;
        if (count < deliveryQuorum) revert DeliveriesTooFew(count, deliveryQuorum);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(_DELIVERY_TYPE, requestId)));
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (signer <= previous || !registry.isActive(signer)) revert BadDelivery(i, signer);
            previous = signer;
        }
    }
}
