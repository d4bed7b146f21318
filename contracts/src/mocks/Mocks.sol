// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IEscrow} from "../IEscrow.sol";

/// @title ERC-20 for tests
contract PlainToken is ERC20 {
    constructor() ERC20("Plain", "PLAIN") {}

    /// @notice Makes money.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @title ERC-20 for tests that keeps one percent of each transfer
contract FeeToken is ERC20 {
    constructor() ERC20("Fee", "FEE") {}

    /// @notice Makes money.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : value / 100;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}

/// @title Smart account for tests: what its owner signs, it signs
contract SmartAccount is IERC1271 {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        return signer == _owner ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @title Patient for tests that calls back into the escrow when it is paid
contract Reentrant {
    IEscrow private immutable _escrow;
    /// @notice Whether the second withdrawal went through.
    bool public hasSucceeded;
    /// @notice Whether a second withdrawal was tried.
    bool public hasTried;

    constructor(IEscrow escrow) {
        _escrow = escrow;
    }

    receive() external payable {
        hasTried = true;
        try _escrow.withdraw(address(this), address(0)) {
            hasSucceeded = true;
        } catch {
            return;
        }
    }

    /// @notice Agrees to everything, so that it can be a patient.
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return IERC1271.isValidSignature.selector;
    }
}
