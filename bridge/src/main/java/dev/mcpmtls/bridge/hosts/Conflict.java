// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

/** The way to treat an entry of the same name that is not ours. */
public enum Conflict {
    /** Leave it, and fail. */
    REFUSE,
    /** Take its place; a backup keeps it. */
    REPLACE
}
