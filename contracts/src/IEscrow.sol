// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessToken} from "./IAccessToken.sol";
import {IConsentRegistry} from "./IConsentRegistry.sol";
import {IHaloRegistry} from "./IHaloRegistry.sol";

/// @title What researchers pay, until it is the patient's or goes back
/// @notice A request is stored as one slot under its id, which is the hash of all its fields; later calls
/// pass the fields again. Payments are credited and pulled. Tokens that charge on transfer are refused
/// when paid in; tokens whose balances change by themselves must not be used.
interface IEscrow {
    /// @notice How far the money of a request has come.
    enum Status {
        None,
        Open,
        Settled,
        Refunded
    }

    /// @notice What a researcher asks for and pays for.
    /// @param dataset keccak256(abi.encode(commitment, patient)), of the salted commitment to one record
    /// @param patient Owner of the data set, whom its id binds
    /// @param researcher Account that pays and receives the access token
    /// @param recipientKeyHash SHA-256 of the public key deliveries are sealed to
    /// @param termsHash keccak-256 of the accepted terms
    /// @param currency ERC-20 contract, or zero for the native coin
    /// @param price Paid to the patient on delivery, in the currency's smallest unit
    /// @param relayFee Paid to the registered peer that relays the answer, in the same unit
    /// @param answerBySec Unix seconds; no answer by then means no
    /// @param accessForSec Seconds after consent for collection and settlement
    /// @param nonce Random, so that two equal requests differ
    struct Request {
        bytes32 dataset;
        address patient;
        address researcher;
        bytes32 recipientKeyHash;
        bytes32 termsHash;
        address currency;
        uint128 price;
        uint128 relayFee;
        uint64 answerBySec;
        uint64 accessForSec;
        bytes32 nonce;
    }

    /// @notice Everything a peer decides by, read at one block.
    /// @param escrow State of the money
    /// @param consent State of the patient's answer
    /// @param accessUntil Unix seconds after which access ends, or 0
    /// @param consentBlock Block of the newest answer, or 0
    /// @param tokenOwner Holder of the access token, or zero
    struct Facts {
        Status escrow;
        IConsentRegistry.Status consent;
        uint64 accessUntil;
        uint64 consentBlock;
        address tokenOwner;
    }

    /// @notice A request was made and paid.
    event AccessRequested(
        bytes32 indexed requestId,
        address indexed patient,
        address indexed researcher,
        Request request
    );
    /// @notice The price is the patient's.
    event Settled(bytes32 indexed requestId);
    /// @notice What was due to the researcher is theirs again; the access token is void.
    event Refunded(bytes32 indexed requestId);
    /// @notice A credit was paid out.
    event Withdrawn(address indexed account, address indexed currency, uint256 amount);

    /// @notice At least one delivery must be asked for.
    error QuorumZero();
    /// @notice Only the researcher of the request may do this.
    error NotResearcher(address sender, address researcher);
    /// @notice Only the consent registry may do this.
    error NotConsentRegistry(address sender);
    /// @notice The data set is not what commitment and patient make.
    error NotPatientsDataset(bytes32 dataset, address patient);
    /// @notice The answer time is over, or more than 90 days ahead.
    error AnswerTimeOutOfRange(uint64 answerBySec, uint256 nowSec);
    /// @notice Access lasts from 60 seconds to 365 days.
    error AccessTimeOutOfRange(uint64 accessForSec);
    /// @notice What came in is not price and relay fee together.
    error WrongPayment(uint256 expected, uint256 received);
    /// @notice This very request was made before.
    error RequestExists(bytes32 requestId);
    /// @notice No such request, or its money has been given out.
    error RequestNotOpen(bytes32 requestId, Status status);
    /// @notice There is no consent in force.
    error NotSettleable(bytes32 requestId, IConsentRegistry.Status consent, uint64 accessUntil);
    /// @notice The patient may still answer, or the record may still be delivered.
    error NotRefundable(bytes32 requestId, IConsentRegistry.Status consent, uint64 untilSec);
    /// @notice Fewer delivery signatures than the quorum.
    error DeliveriesTooFew(uint256 given, uint256 needed);
    /// @notice A delivery is not signed by an active operator, or signers are not in ascending order.
    error BadDelivery(uint256 index, address signer);
    /// @notice There is no credit.
    error NothingToWithdraw(address account, address currency);

    /// @notice Makes a request, takes price and relay fee, mints the access token.
    /// @param r Request of the calling researcher
    /// @param commitment Salted commitment to the record: shows that the data set's id binds the patient
    /// @return requestId Hash of the request; also the token id
    function request(Request calldata r, bytes32 commitment) external payable returns (bytes32 requestId);

    /// @notice The researcher confirms delivery while consent is in force.
    /// @param r Request to settle
    function settle(Request calldata r) external;

    /// @notice Anyone settles, while consent is in force, with `Delivery(bytes32 requestId)` signed by at
    /// least `deliveryQuorum` distinct active operators.
    /// @param r Request to settle
    /// @param signatures 65 bytes each, in ascending order of the signers' addresses
    function settleWithDeliveries(Request calldata r, bytes[] calldata signatures) external;

    /// @notice Anyone gives the researcher back what is due: all of it when nobody answered in time, all
    /// but an earned relay fee after refusal, withdrawal or missed delivery. Burns the token.
    /// @param r Request to refund
    function refund(Request calldata r) external;

    /// @notice Pays a credit out, to the account itself; anyone may send it.
    /// @param account Who is paid
    /// @param currency ERC-20 contract, or zero for the native coin
    function withdraw(address account, address currency) external;

    /// @notice Credits the relay fee of an open request. Only the consent registry, once per request.
    /// @param requestId Request that was answered
    /// @param relayer Active operator who earned the fee, or zero for nobody
    /// @param currency Currency of the request
    /// @param relayFee Fee of the request
    function noteAnswer(bytes32 requestId, address relayer, address currency, uint256 relayFee) external;

    /// @notice Hash that names a request: keccak256(abi.encode(chainId, escrow, request)).
    /// @param r Request to name
    function requestIdOf(Request calldata r) external view returns (bytes32);

    /// @notice State of a request, and the block of its `AccessRequested` event.
    /// @param requestId Hash of the request
    function statusOf(bytes32 requestId) external view returns (Status status, uint64 requestedBlock);

    /// @notice Everything a peer decides by.
    /// @param r Request to look at
    function factsOf(Request calldata r) external view returns (Facts memory);

    /// @notice What an account may withdraw.
    /// @param account Whose credit
    /// @param currency ERC-20 contract, or zero for the native coin
    function creditOf(address account, address currency) external view returns (uint256);

    /// @notice How many operators must sign a delivery.
    function deliveryQuorum() external view returns (uint256);

    /// @notice Registry of operators.
    function registry() external view returns (IHaloRegistry);

    /// @notice Consent registry, made by this contract.
    function consentRegistry() external view returns (IConsentRegistry);

    /// @notice Access token, made by this contract.
    function accessToken() external view returns (IAccessToken);
}
