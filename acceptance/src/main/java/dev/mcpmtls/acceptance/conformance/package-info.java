// SPDX-License-Identifier: Apache-2.0
/**
 * Do the endpoint and the client conform to MCP? A server with the fixtures that the official conformance suites expect, run by
 * {@code acceptance/conformance/java}, and a client that plays the suites' client scenarios, run by {@code
 * acceptance/run-conformance}.
 */
@NullMarked
package dev.mcpmtls.acceptance.conformance;

import org.jspecify.annotations.NullMarked;
