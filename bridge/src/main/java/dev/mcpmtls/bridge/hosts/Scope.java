// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

/** Where an entry applies. */
public enum Scope {
    /** Every project of the user: a file in the home directory. */
    USER,
    /** One project: a file below the working directory, which may be checked in for others. */
    PROJECT
}
