// SPDX-License-Identifier: Apache-2.0
/**
 * Are the endpoint and the client MCP by the book? A server with the fixtures that the official conformance suites expect, to be
 * run by {@code acceptance/conformance-server}, and a client that plays the suites' client scenarios, run by
 * {@code acceptance/run-conformance}.
 */
@NullMarked
package dev.mcpmtls.acceptance.conformance;

import org.jspecify.annotations.NullMarked;
