"""Here is your implementation: does it keep the promises? (The toy shop, fake parts and conformance kits; public.)"""
